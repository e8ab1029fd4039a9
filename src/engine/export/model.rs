//! Files of fitted models.

use super::{CsvFile, beside, neutral};
use crate::engine::analysis::Analysis;
use crate::engine::detect;
use crate::engine::error::{Error, Result};
use crate::engine::features::FeatureMatrix;
use crate::engine::interchange::{onnx, xgboost};
use crate::engine::learn::Model;
use crate::engine::plan::Plan;
use crate::engine::prepare::FittedPreparation;
use std::borrow::Cow;

/// The model, its preparation, and by matrix row whether it was held out.
type Learned<'a> = (&'a Model, &'a FittedPreparation, &'a [u8]);

pub(super) fn detector(analysis: &Analysis) -> Result<Vec<u8>> {
    let detect::Model::Iforest(forest) = &*analysis.model else {
        let expected = "iforest alone, with an extensionLevel of 0, whose cuts are of one feature each: analyse with that, or \
                        learn the flags and export(\"onnx\") what was learned";
        return Err(Error::parameter("detector", expected, found(&analysis.plan)));
    };
    Ok(onnx::write_forest(forest, Some(&analysis.preparation), analysis.threshold))
}

/// The detector of a plan in words.
fn found(plan: &Plan) -> String {
    let names: Vec<&str> = plan.detector.names().iter().map(|name| name.name()).collect();
    match (&names[..], plan.parameters.iforest.extension_level) {
        (["iforest"], level) => format!("iforest with an extensionLevel of {level}"),
        _ => names.join(", "),
    }
}

pub(super) fn onnx((model, preparation, _): Learned<'_>) -> Vec<u8> {
    onnx::write(model, Some(preparation))
}

pub(super) fn xgboost((model, preparation, _): Learned<'_>) -> Result<Vec<u8>> {
    let Model::Boosting(boosting) = model else {
        let expected = "boosting: XGBoost's format holds boosted trees; onnx holds every learned model";
        return Err(Error::parameter("model", expected, model.name().text()));
    };
    let names: Vec<String> = preparation.columns().iter().map(|column| column.name.clone()).collect();
    Ok(xgboost::write(boosting, &names).into_bytes())
}

pub(super) fn prepared(matrix: &FeatureMatrix, (_, preparation, held_out): Learned<'_>) -> Result<Vec<u8>> {
    let rows = preparation.of_features(&matrix.features)?.rows(matrix.values.view());
    let ours = ["entity", "held_out"];
    let mut file = CsvFile::new();
    let names = beside(&ours, preparation.columns().iter().map(|column| column.name.as_str()));
    file.record(&mut ours.into_iter().map(Cow::Borrowed).chain(names));
    for (row, values) in rows.outer_iter().enumerate() {
        let entity = matrix.entity(row);
        let head = [neutral(&entity), Cow::Borrowed(if held_out[row] == 1 { "1" } else { "0" })];
        file.record(&mut head.into_iter().chain(values.iter().map(|value| Cow::Owned(value.to_string()))));
    }
    Ok(file.bytes())
}
