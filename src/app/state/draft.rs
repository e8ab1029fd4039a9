//! The plan being edited beside the one that was analysed.

use crate::app::format;
use crate::engine::plan::{PartialPlan, Plan, Role};

/// What `analyze` takes of an edited plan. The label column goes with its role.
pub fn partial(plan: &Plan) -> PartialPlan {
    let plan = plan.clone();
    PartialPlan {
        recipe: Some(plan.recipe),
        label: plan.roles.get(&Role::Label).cloned(),
        roles: Some(plan.roles),
        detector: Some(plan.detector),
        parameters: Some(plan.parameters),
        contamination: Some(plan.contamination),
        threshold: plan.threshold,
        budget: plan.budget,
        alerts_per_day: plan.alerts_per_day,
        cost: plan.cost,
        treatments: Some(plan.treatments),
        novelty: plan.novelty,
        own_features: Some(plan.own_features),
        omitted: Some(plan.omitted),
        preparation: Some(plan.preparation),
        rules: plan.rules,
        seed: Some(plan.seed),
    }
}

/// Rules and novelty that a draft leaves to be suggested are those that were analysed, so that a change of one rule does not
/// take the place of all.
pub fn take_suggested(draft: &mut Plan, analysed: &Plan) {
    if draft.recipe == analysed.recipe {
        draft.rules = draft.rules.take().or_else(|| analysed.rules.clone());
        if draft.roles == analysed.roles {
            draft.novelty = draft.novelty.take().or_else(|| analysed.novelty.clone());
        }
    }
}

/// Whether scores are cut in another way than by the expected share, and differently so.
fn is_cut_otherwise(old: &Plan, new: &Plan) -> bool {
    (old.threshold, old.budget, old.alerts_per_day, old.cost)
        != (new.threshold, new.budget, new.alerts_per_day, new.cost)
}

/// What differs between two plans, in words.
pub(super) fn differences(old: &Plan, new: &Plan) -> Vec<String> {
    let n_switched = old.omitted.symmetric_difference(&new.omitted).count();
    let parts = [
        (old.recipe != new.recipe, "what is compared"),
        (old.roles != new.roles, "roles of columns"),
        (old.parameters != new.parameters, "parameters"),
        (old.novelty != new.novelty, "novelty"),
        (old.own_features != new.own_features, "own features"),
        (old.rules != new.rules, "rules"),
        (old.preparation != new.preparation, "preparation"),
        (old.treatments != new.treatments, "missing values"),
        (old.contamination != new.contamination, "expected share"),
        (is_cut_otherwise(old, new), "threshold"),
        (old.detector != new.detector, "detector"),
        (old.seed != new.seed, "seed"),
    ];
    let switched = (n_switched > 0).then(|| format!("{} switched", format::counted(n_switched, "feature")));
    switched
        .into_iter()
        .chain(parts.iter().filter(|(is_changed, _)| *is_changed).map(|(_, words)| (*words).to_owned()))
        .collect()
}
