use event_runtime::EventData;

#[derive(EventData)]
union Bits {
    a: u32,
    b: f32,
}

fn main() {}
