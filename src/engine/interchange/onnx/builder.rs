//! A graph under construction, in few words.

use super::messages::{
    Attribute, DOUBLE, Dimension, FLOAT, Graph, INT64, Model, Node, OperatorSet, Shape, Tensor, TensorType,
    Type, ValueInfo,
};
use prost::Message as _;

/// Domain of operators for models.
pub(super) const ML: &str = "ai.onnx.ml";

/// Nodes, constants, inputs and outputs. Values are named by number, in the order they are made.
#[derive(Default)]
pub(super) struct Builder {
    graph: Graph,
    n_values: usize,
}

impl Builder {
    /// Declares an input of any number of rows.
    pub(super) fn input(&mut self, name: &str, elem_type: i32, n_columns: usize) {
        self.graph.input.push(described(name, elem_type, Some(n_columns)));
    }

    /// Declares an output under a name; without columns it has one number per row.
    pub(super) fn output(&mut self, value: &str, name: &str, elem_type: i32, n_columns: Option<usize>) {
        let mut name = name.to_owned();
        while self.graph.input.iter().any(|input| input.name == name) {
            // A feature has the name.
            name.push('_');
        }
        self.push("Identity", "", &[value], name.clone(), Vec::new());
        self.graph.output.push(described(&name, elem_type, n_columns));
    }

    /// A constant of doubles.
    pub(super) fn doubles(&mut self, dims: &[usize], values: &[f64]) -> String {
        let name = self.next_name();
        self.graph.initializer.push(Tensor { name: name.clone(), ..double_tensor(dims, values) });
        name
    }

    /// A constant of one 32-bit number.
    pub(super) fn float(&mut self, value: f32) -> String {
        let name = self.next_name();
        let raw_data = value.to_le_bytes().to_vec();
        self.graph.initializer.push(Tensor {
            dims: Vec::new(),
            data_type: FLOAT,
            name: name.clone(),
            raw_data,
        });
        name
    }

    /// A constant list of whole numbers.
    pub(super) fn integers(&mut self, values: &[i64]) -> String {
        let name = self.next_name();
        let raw_data = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        let dims = vec![values.len() as i64];
        self.graph.initializer.push(Tensor { dims, data_type: INT64, name: name.clone(), raw_data });
        name
    }

    /// An operator of one result.
    pub(super) fn node(&mut self, op: &str, inputs: &[&str], attributes: Vec<Attribute>) -> String {
        let name = self.next_name();
        self.push(op, "", inputs, name.clone(), attributes);
        name
    }

    /// An operator for models.
    pub(super) fn ml_node(&mut self, op: &str, inputs: &[&str], attributes: Vec<Attribute>) -> String {
        let name = self.next_name();
        self.push(op, ML, inputs, name.clone(), attributes);
        name
    }

    /// The values of a type.
    pub(super) fn cast(&mut self, value: &str, elem_type: i32) -> String {
        self.node("Cast", &[value], vec![integer("to", i64::from(elem_type))])
    }

    fn push(&mut self, op: &str, domain: &str, inputs: &[&str], output: String, attribute: Vec<Attribute>) {
        self.graph.node.push(Node {
            input: inputs.iter().map(|&input| input.to_owned()).collect(),
            output: vec![output],
            op_type: op.to_owned(),
            attribute,
            domain: domain.to_owned(),
        });
    }

    fn next_name(&mut self) -> String {
        self.n_values += 1;
        // Features have names of their own, which a colon keeps apart.
        format!("value:{}", self.n_values)
    }

    /// The file.
    pub(super) fn finish(mut self, name: &str) -> Vec<u8> {
        self.graph.name = name.to_owned();
        let opset = |domain: &str, version| OperatorSet { domain: domain.to_owned(), version };
        let model = Model {
            ir_version: 8,
            producer_name: "isoscope".to_owned(),
            graph: Some(self.graph),
            opset_import: vec![opset("", 13), opset(ML, 3)],
        };
        model.encode_to_vec()
    }
}

fn described(name: &str, elem_type: i32, n_columns: Option<usize>) -> ValueInfo {
    let rows = Dimension { value: None, param: Some("rows".to_owned()) };
    let columns = n_columns.map(|n| Dimension { value: Some(n as i64), param: None });
    let shape = Some(Shape { dim: [rows].into_iter().chain(columns).collect() });
    let value_type = Some(Type { tensor_type: Some(TensorType { elem_type, shape }) });
    ValueInfo { name: name.to_owned(), value_type }
}

fn double_tensor(dims: &[usize], values: &[f64]) -> Tensor {
    Tensor {
        dims: dims.iter().map(|&n| n as i64).collect(),
        data_type: DOUBLE,
        name: String::new(),
        raw_data: values.iter().flat_map(|value| value.to_le_bytes()).collect(),
    }
}

fn attribute(name: &str, kind: i32) -> Attribute {
    Attribute { name: name.to_owned(), kind, ..Attribute::default() }
}

pub(super) fn integer(name: &str, value: i64) -> Attribute {
    Attribute { i: Some(value), ..attribute(name, 2) }
}

pub(super) fn text(name: &str, value: &str) -> Attribute {
    Attribute { s: Some(value.as_bytes().to_vec()), ..attribute(name, 3) }
}

/// A list of doubles, which only fits into a tensor.
pub(super) fn doubles(name: &str, values: &[f64]) -> Attribute {
    Attribute { t: Some(double_tensor(&[values.len()], values)), ..attribute(name, 4) }
}

pub(super) fn integers(name: &str, values: Vec<i64>) -> Attribute {
    Attribute { ints: values, ..attribute(name, 7) }
}

pub(super) fn texts<'a>(name: &str, values: impl Iterator<Item = &'a str>) -> Attribute {
    Attribute { strings: values.map(|value| value.as_bytes().to_vec()).collect(), ..attribute(name, 8) }
}
