//! Entry point of the page.

fn main() {
    isoscope::app::mount();
}
