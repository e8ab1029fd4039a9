//! JavaScript bindings of the engine.
