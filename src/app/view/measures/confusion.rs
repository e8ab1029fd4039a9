//! What became of rows: by their class, and in each by the class decided for.

use crate::app::format;
use crate::app::view::measures::figure;
use crate::app::view::table::{ScrollTable, titles};
use crate::engine::evaluate::{ClassEvaluation, Confusion};
use leptos::prelude::*;

/// Two classes: the first, and the one looked for.
pub fn of_two(title: &'static str, confusion: &Confusion, names: [String; 2]) -> AnyView {
    let Confusion { tp, fp, tn, fn_ } = *confusion;
    let [other, wanted] = names;
    let columns = vec![other.clone(), wanted.clone()];
    matrix(title, &[other, wanted], &columns, &[vec![tn, fp], vec![fn_, tp]])
}

/// Several classes, and how well each is told from the others.
pub fn of_several(title: &'static str, evaluation: &ClassEvaluation) -> AnyView {
    let names: Vec<String> = evaluation.classes.iter().map(|class| class.name.clone()).collect();
    let rows = evaluation
        .classes
        .iter()
        .map(|class| {
            view! {
                <tr>
                    <th scope="row">{class.name.clone()}</th>
                    <td>{format::count(class.rows)}</td>
                    <td>{figure(class.precision)}</td>
                    <td>{figure(class.recall)}</td>
                    <td>{figure(class.f1)}</td>
                    <td>{figure(class.roc_auc)}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        {matrix(title, &names, &names, &evaluation.confusion)}
        <ScrollTable
            label="Measures of each class"
            titles=titles(&["Class", "Rows", "Precision", "Recall", "F1", "ROC AUC"])
        >
            {rows}
        </ScrollTable>
    }
    .into_any()
}

/// The table, right decisions on its diagonal; the more of a class's rows a cell has, the darker it is.
fn matrix(title: &'static str, names: &[String], columns: &[String], counts: &[Vec<u64>]) -> AnyView {
    let mut titles = vec!["Is ↓, was called →".to_owned()];
    titles.extend(columns.iter().cloned());
    let line = |(row, (name, counts)): (usize, (&String, &Vec<u64>))| {
        let total = counts.iter().sum::<u64>().max(1) as f64;
        let cells = counts
            .iter()
            .enumerate()
            .map(|(column, &n)| {
                let shade = (n as f64 / total * 5.0).ceil();
                let kind = if row == column { "right" } else { "wrong-cell" };
                view! { <td class=format!("{kind} {kind}-{shade}")>{format::count(n)}</td> }
            })
            .collect_view();
        view! {
            <tr>
                <th scope="row">{name.clone()}</th>
                {cells}
            </tr>
        }
    };
    let lines = names.iter().zip(counts).enumerate().map(line).collect_view();
    view! {
        <div class="confusion">
            <h4>{title}</h4>
            <ScrollTable label=title titles>{lines}</ScrollTable>
        </div>
    }
    .into_any()
}
