//! What there is to set of models, by the paths that plans and options have. Ranges and defaults are the engine's: what is
//! typed is put in its place, and the engine asked whether it may stand there.

use crate::app::format;
use crate::engine::error::{ErrorKind, Result};
use crate::engine::learn::ModelName;
use crate::engine::learn::forest::MaxFeatures;
use crate::engine::learn::logistic::Penalty;
use crate::engine::plan::{Activation, DetectorName, Kernel, Parameters};
use crate::protocol::LearnOptions;
use serde::Serialize;
use serde_json::Value;

/// Path, what it is called, and what it does.
const WORDS: [(&str, &str, &str); 35] = [
    ("trees", "Trees", "More are steadier and slower"),
    ("subsample", "Rows per tree", "Drawn anew for every tree"),
    ("iforest.maxFeatures", "Features of a tree", "A share of them, 1 for all; or so many, from 2"),
    (
        "iforest.extensionLevel",
        "Further features in a cut",
        "0 for cuts of one feature; more are planes across several",
    ),
    ("neighbors", "Neighbours", "Rows that a row is compared with"),
    ("autoencoder.code", "Units of the code", "At most half of the columns that the model sees"),
    ("autoencoder.epochs", "Epochs", "Times that every row is learned from"),
    ("autoencoder.patience", "Patience", "Epochs without progress before it stops; 0 for never"),
    ("autoencoder.hidden", "Hidden layers", "Units of each from input to code, as 64, 32"),
    ("autoencoder.activation", "Activation", "Of hidden layers and code"),
    ("autoencoder.batch", "Batch", "Rows of a step"),
    ("autoencoder.learningRate", "Learning rate", "Size of a step, by Adam"),
    ("autoencoder.dropout", "Dropout", "Share of hidden units left out at each row"),
    ("ocsvm.nu", "ν", "Share of rows outside the region, at most"),
    ("ocsvm.kernel", "Kernel", "How alike two rows are"),
    ("ocsvm.gamma", "γ", "Of the radial kernel: more is a tighter region"),
    ("ocsvm.tolerance", "Tolerance", "How far from the best it may end"),
    ("logistic.c", "Inverse strength of the penalty (C)", ""),
    ("logistic.penalty", "Penalty", ""),
    ("forest.trees", "Trees", "More are steadier and slower"),
    ("forest.maxDepth", "Depth", "Cuts down to a leaf, at most; 0 for any"),
    ("forest.minSamplesLeaf", "Rows in a leaf, at least", ""),
    ("forest.maxFeatures", "Features tried for a cut", ""),
    ("boosting.trees", "Rounds", "Of a tree each, or one for each of several classes"),
    ("boosting.learningRate", "Learning rate", "What a tree counts"),
    ("boosting.maxDepth", "Depth", "Cuts down to a leaf, at most"),
    ("boosting.patience", "Patience", "Rounds without progress before it stops; 0 for never"),
    ("boosting.subsample", "Rows of a round", "Share, drawn for each"),
    ("boosting.colsample", "Columns of a tree", "Share, drawn for each"),
    ("boosting.l2", "L2 penalty (λ)", "On the square of what a leaf says"),
    ("boosting.l1", "L1 penalty (α)", "On the size of what a leaf says"),
    ("boosting.gamma", "Gain of a cut, at least (γ)", ""),
    ("boosting.minChildWeight", "Weight of a leaf, at least", "Of second derivatives; of numbers, rows"),
    ("boosting.validationShare", "Rows set aside", "Share, to see progress by, where there is patience"),
    ("boosting.maxBins", "Bins", "Ranges of a column between which cuts are tried"),
];

/// What a parameter is called, and what it does.
pub fn words(path: &str) -> Option<(&'static str, &'static str)> {
    WORDS.iter().find(|(known, ..)| *known == path).map(|&(_, label, hint)| (label, hint))
}

/// Parameters with defaults and ranges.
pub trait Checked: Default + Clone + 'static {
    /// The part that a path begins with, or all where it names none, and the path in it.
    fn part<'a>(&self, path: &'a str) -> (Value, &'a str);

    /// Checks every range.
    ///
    /// # Errors
    /// `parameter`, with what is allowed.
    fn check(&self) -> Result<()>;
}

fn json(part: &impl Serialize) -> Value {
    serde_json::to_value(part).unwrap_or_default()
}

impl Checked for Parameters {
    fn part<'a>(&self, path: &'a str) -> (Value, &'a str) {
        (json(self), path)
    }

    fn check(&self) -> Result<()> {
        Parameters::check(self)
    }
}

impl Checked for LearnOptions {
    fn part<'a>(&self, path: &'a str) -> (Value, &'a str) {
        let (model, own) = path.split_once('.').unwrap_or((path, ""));
        let part = match model {
            "logistic" => json(&self.logistic),
            "forest" => json(&self.forest),
            _ => json(&self.boosting),
        };
        (part, own)
    }

    fn check(&self) -> Result<()> {
        self.logistic.check()?;
        self.forest.check()?;
        self.boosting.check()
    }
}

/// A parameter among others.
pub struct Parameter<T: 'static> {
    /// Where it stands.
    pub path: &'static str,
    /// What it is.
    pub kind: Kind<T>,
}

/// What a parameter is, and how it is set.
pub enum Kind<T: 'static> {
    /// A whole number.
    Whole(fn(&mut T, usize)),
    /// A number.
    Real(fn(&mut T, f64)),
    /// A number, or, in these words, what the engine takes without one.
    Optional(&'static str, fn(&mut T, Option<f64>)),
    /// Whole numbers with commas between, or none.
    Wholes(fn(&mut T, Vec<usize>)),
    /// One of these, a name and its words each.
    OneOf(&'static [(&'static str, &'static str)], fn(&mut T, &str)),
}

/// Those of a model.
pub struct Own<T: 'static> {
    /// That are changed often.
    pub often: &'static [Parameter<T>],
    /// The rest.
    pub seldom: &'static [Parameter<T>],
}

/// A whole number, however it is written: `1000`, `1e3`, `1000.0`.
fn whole_number(text: &str) -> Option<usize> {
    let value = format::number(text)?;
    let is_whole = value.fract() == 0.0 && (0.0..=usize::MAX as f64).contains(&value);
    is_whole.then_some(value as usize)
}

/// Whole numbers of a list.
fn wholes(text: &str) -> Option<Vec<usize>> {
    text.split([',', ' ']).filter(|part| !part.is_empty()).map(whole_number).collect()
}

impl<T: Checked> Parameter<T> {
    /// As text; empty where there is none.
    pub fn text(&self, whole: &T) -> String {
        let text = |value: &Value| match value {
            Value::String(name) => name.clone(),
            // Without the zero behind the point that JSON puts there.
            Value::Number(number) => number.as_f64().map_or_else(String::new, |number| number.to_string()),
            _ => String::new(),
        };
        let (part, path) = whole.part(self.path);
        match part.pointer(&format!("/{}", path.replace('.', "/"))) {
            Some(Value::Array(values)) => values.iter().map(text).collect::<Vec<_>>().join(", "),
            Some(value) => text(value),
            None => String::new(),
        }
    }

    /// All of them with this one as it is typed; nothing typed is its default. Else what it should be.
    pub fn with(&self, whole: &T, typed: &str) -> std::result::Result<T, String> {
        let default = if typed.is_empty() { self.text(&T::default()) } else { String::new() };
        let typed = if typed.is_empty() { &default } else { typed };
        let mut changed = whole.clone();
        // For what cannot be read stands what no parameter takes: the engine says what it would.
        let is_read = match self.kind {
            Kind::Whole(set) => {
                let value = whole_number(typed);
                set(&mut changed, value.unwrap_or(usize::MAX));
                value.is_some()
            }
            Kind::Optional(_, set) if typed.is_empty() => {
                set(&mut changed, None);
                true
            }
            Kind::Real(_) | Kind::Optional(..) => {
                let value = format::number(typed);
                let number = value.unwrap_or(f64::NAN);
                match self.kind {
                    Kind::Real(set) => set(&mut changed, number),
                    Kind::Optional(_, set) => set(&mut changed, Some(number)),
                    _ => {}
                }
                value.is_some()
            }
            Kind::Wholes(set) => {
                let values = wholes(typed);
                let is_read = values.is_some();
                set(&mut changed, values.unwrap_or_else(|| vec![usize::MAX]));
                is_read
            }
            Kind::OneOf(_, set) => {
                set(&mut changed, typed);
                true
            }
        };
        match changed.check() {
            Ok(()) if is_read => Ok(changed),
            Ok(()) => Err("a whole number".to_owned()),
            Err(error) => Err(match error.kind() {
                ErrorKind::Parameter { expected, .. } => expected.clone(),
                _ => error.to_string(),
            }),
        }
    }
}

const fn whole<T>(path: &'static str, set: fn(&mut T, usize)) -> Parameter<T> {
    Parameter { path, kind: Kind::Whole(set) }
}

const fn real<T>(path: &'static str, set: fn(&mut T, f64)) -> Parameter<T> {
    Parameter { path, kind: Kind::Real(set) }
}

static ISOLATION_FOREST: Own<Parameters> = Own {
    often: &[whole("trees", |p, x| p.trees = x), whole("subsample", |p, x| p.subsample = x)],
    seldom: &[
        real("iforest.maxFeatures", |p, x| p.iforest.max_features = x),
        whole("iforest.extensionLevel", |p, x| p.iforest.extension_level = x),
    ],
};

static NEIGHBOURS: Own<Parameters> =
    Own { often: &[whole("neighbors", |p, x| p.neighbors = x)], seldom: &[] };

static AUTOENCODER: Own<Parameters> = Own {
    often: &[
        whole("autoencoder.code", |p, x| p.autoencoder.code = x),
        whole("autoencoder.epochs", |p, x| p.autoencoder.epochs = x),
        whole("autoencoder.patience", |p, x| p.autoencoder.patience = x),
    ],
    seldom: &[
        Parameter { path: "autoencoder.hidden", kind: Kind::Wholes(|p, x| p.autoencoder.hidden = x) },
        Parameter { path: "autoencoder.activation", kind: ACTIVATION },
        whole("autoencoder.batch", |p, x| p.autoencoder.batch = x),
        real("autoencoder.learningRate", |p, x| p.autoencoder.learning_rate = x),
        real("autoencoder.dropout", |p, x| p.autoencoder.dropout = x),
    ],
};

const ACTIVATION: Kind<Parameters> =
    Kind::OneOf(&[("tanh", "tanh"), ("relu", "ReLU"), ("linear", "none: linear")], |p, name| {
        p.autoencoder.activation = match name {
            "relu" => Activation::Relu,
            "linear" => Activation::Linear,
            _ => Activation::Tanh,
        }
    });

static MACHINE: Own<Parameters> = Own {
    often: &[
        real("ocsvm.nu", |p, x| p.ocsvm.nu = x),
        Parameter { path: "ocsvm.kernel", kind: KERNEL },
        Parameter { path: "ocsvm.gamma", kind: Kind::Optional("by the data", |p, x| p.ocsvm.gamma = x) },
    ],
    seldom: &[real("ocsvm.tolerance", |p, x| p.ocsvm.tolerance = x)],
};

const KERNEL: Kind<Parameters> = Kind::OneOf(&[("rbf", "radial (RBF)"), ("linear", "linear")], |p, name| {
    p.ocsvm.kernel = if name == "linear" { Kernel::Linear } else { Kernel::Rbf }
});

static LOGISTIC: Own<LearnOptions> = Own {
    often: &[
        Parameter { path: "logistic.penalty", kind: PENALTY },
        real("logistic.c", |o, x| o.logistic = o.logistic.c(x)),
    ],
    seldom: &[],
};

const PENALTY: Kind<LearnOptions> =
    Kind::OneOf(&[("l2", "L2: small weights"), ("l1", "L1: few weights"), ("none", "none")], |o, name| {
        o.logistic = o.logistic.penalty(match name {
            "l1" => Penalty::L1,
            "none" => Penalty::None,
            _ => Penalty::L2,
        });
    });

static RANDOM_FOREST: Own<LearnOptions> = Own {
    often: &[
        whole("forest.trees", |o, x| o.forest = o.forest.trees(x)),
        whole("forest.maxDepth", |o, x| o.forest = o.forest.max_depth(x)),
        whole("forest.minSamplesLeaf", |o, x| o.forest = o.forest.min_samples_leaf(x)),
        Parameter { path: "forest.maxFeatures", kind: FEATURES },
    ],
    seldom: &[],
};

const FEATURES: Kind<LearnOptions> = Kind::OneOf(
    &[
        ("auto", "the usual: a root, for numbers all"),
        ("sqrt", "the root of their number"),
        ("third", "a third"),
        ("all", "all"),
    ],
    |o, name| {
        o.forest = o.forest.max_features(match name {
            "sqrt" => MaxFeatures::Sqrt,
            "third" => MaxFeatures::Third,
            "all" => MaxFeatures::All,
            _ => MaxFeatures::Auto,
        });
    },
);

static BOOSTING: Own<LearnOptions> = Own {
    often: &[
        whole("boosting.trees", |o, x| o.boosting = o.boosting.trees(x)),
        real("boosting.learningRate", |o, x| o.boosting = o.boosting.learning_rate(x)),
        whole("boosting.maxDepth", |o, x| o.boosting = o.boosting.max_depth(x)),
        whole("boosting.patience", |o, x| o.boosting = o.boosting.patience(x)),
    ],
    seldom: &[
        real("boosting.subsample", |o, x| o.boosting = o.boosting.subsample(x)),
        real("boosting.colsample", |o, x| o.boosting = o.boosting.colsample(x)),
        real("boosting.l2", |o, x| o.boosting = o.boosting.l2(x)),
        real("boosting.l1", |o, x| o.boosting = o.boosting.l1(x)),
        real("boosting.gamma", |o, x| o.boosting = o.boosting.gamma(x)),
        real("boosting.minChildWeight", |o, x| o.boosting = o.boosting.min_child_weight(x)),
        whole("boosting.maxBins", |o, x| o.boosting = o.boosting.max_bins(x)),
        real("boosting.validationShare", |o, x| o.boosting = o.boosting.validation_share(x)),
    ],
};

/// What there is to set of a detector.
pub fn of_detector(name: DetectorName) -> Option<&'static Own<Parameters>> {
    match name {
        DetectorName::Iforest => Some(&ISOLATION_FOREST),
        DetectorName::Knn | DetectorName::Lof => Some(&NEIGHBOURS),
        DetectorName::Autoencoder => Some(&AUTOENCODER),
        DetectorName::Ocsvm => Some(&MACHINE),
        DetectorName::Ecod
        | DetectorName::Copod
        | DetectorName::Hbos
        | DetectorName::RobustZ
        | DetectorName::Rules => None,
    }
}

/// What there is to set of a model that learns.
pub fn of_learner(name: ModelName) -> &'static Own<LearnOptions> {
    match name {
        ModelName::Logistic => &LOGISTIC,
        ModelName::Forest => &RANDOM_FOREST,
        ModelName::Boosting => &BOOSTING,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DETECTORS: [DetectorName; 4] =
        [DetectorName::Iforest, DetectorName::Knn, DetectorName::Autoencoder, DetectorName::Ocsvm];
    const LEARNERS: [ModelName; 3] = [ModelName::Logistic, ModelName::Forest, ModelName::Boosting];

    /// One of those that any detector has.
    fn detector(path: &str) -> &'static Parameter<Parameters> {
        let own = DETECTORS.into_iter().filter_map(of_detector);
        own.flat_map(all).find(|parameter| parameter.path == path).expect(path)
    }

    fn learner(path: &str) -> &'static Parameter<LearnOptions> {
        LEARNERS.into_iter().flat_map(|name| all(of_learner(name))).find(|p| p.path == path).expect(path)
    }

    fn all<T>(own: &'static Own<T>) -> impl Iterator<Item = &'static Parameter<T>> {
        own.often.iter().chain(own.seldom)
    }

    #[test]
    fn what_is_typed_is_taken_or_told_in_the_words_of_the_engine() {
        let whole = Parameters::default();
        let dropout = detector("autoencoder.dropout");
        assert_eq!(dropout.with(&whole, "0.25").map(|taken| taken.autoencoder.dropout), Ok(0.25));
        assert_eq!(dropout.with(&whole, "0.95"), Err("a share from 0 to 0.9".to_owned()));
        let code = detector("autoencoder.code");
        for wrong in ["0", "513", "2.5", "-3", "?", "1e3", "1e300", "5e-1"] {
            assert_eq!(code.with(&whole, wrong), Err("a whole number from 1 to 512".to_owned()), "{wrong}");
        }
        for (typed, units) in [("5.0", 5), ("1e2", 100)] {
            assert_eq!(code.with(&whole, typed).map(|taken| taken.autoencoder.code), Ok(units), "{typed}");
        }
        let hidden = detector("autoencoder.hidden");
        assert_eq!(hidden.with(&whole, "64, 32").map(|taken| taken.autoencoder.hidden), Ok(vec![64, 32]));
        for wrong in ["64, 0", "wide", "9 8 7 6 5"] {
            assert_eq!(
                hidden.with(&whole, wrong),
                Err("at most 4 layers, each of 1 to 512 units".to_owned())
            );
        }
        let leaf = learner("forest.minSamplesLeaf");
        assert!(leaf.with(&LearnOptions::default(), "0").is_err_and(|words| words.contains("from 1 up")));
        assert!(leaf.with(&LearnOptions::default(), "some").is_err());
    }

    #[test]
    fn what_is_emptied_is_the_default_again() {
        let gamma = detector("ocsvm.gamma");
        let given = gamma.with(&Parameters::default(), "0.5").expect("a number above 0");
        assert_eq!(given.ocsvm.gamma, Some(0.5));
        assert_eq!(gamma.with(&given, ""), Ok(Parameters::default()));
        let rate = learner("boosting.learningRate");
        let slow = rate.with(&LearnOptions::default(), "0.05").expect("a share");
        assert_ne!(slow, LearnOptions::default());
        assert_eq!(rate.with(&slow, ""), Ok(LearnOptions::default()));
    }

    /// Each is written where it is read, and has words.
    #[test]
    fn parameters_are_what_their_paths_say() {
        fn check<T: Checked>(own: &'static Own<T>) {
            for parameter in all(own) {
                let path = parameter.path;
                assert!(words(path).is_some(), "{path} has words");
                let typed = match &parameter.kind {
                    Kind::OneOf(names, _) => {
                        names
                            .iter()
                            .find(|(name, _)| *name != parameter.text(&T::default()))
                            .expect("another")
                            .0
                    }
                    Kind::Whole(_) | Kind::Wholes(_) => "3",
                    Kind::Real(_) | Kind::Optional(..) => "0.25",
                };
                let changed =
                    parameter.with(&T::default(), typed).unwrap_or_else(|words| panic!("{path}: {words}"));
                assert_eq!(parameter.text(&changed), typed, "{path}");
                assert_ne!(typed, parameter.text(&T::default()), "{path} is what it writes");
            }
        }
        DETECTORS.into_iter().filter_map(of_detector).for_each(check);
        LEARNERS.into_iter().map(of_learner).for_each(check);
    }
}
