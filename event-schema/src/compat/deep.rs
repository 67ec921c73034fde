//! Deeply nested schemas are compared on a separate stack.
//!
//! The search and the walk recurse as deep as the schemas do. The caller's stack may be small and end at a
//! few dozen levels, so deeper schemas get a thread with a large stack.

use crate::kernel::each_child;
use crate::model::Schema;

/// Schemas that nest deeper than this get a large stack.
const DEEP: u32 = 36;

/// The size of the stack in bytes. The system only allocates what is used.
const STACK: usize = 256 << 20;

/// Runs the work, on a large stack if the schemas nest deep; passes whether the stack is large.
pub(super) fn with_room<T: Send>(deep: bool, work: impl Fn(bool) -> T + Sync) -> T {
    if !deep {
        return work(false);
    }
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK);
        match thread.spawn_scoped(scope, || work(true)) {
            Ok(handle) => handle.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            Err(_) => work(false),
        }
    })
}

/// Whether a chain of schemas, each a part of the one before, is longer than [`DEEP`].
pub(super) fn is_deep(schema: &Schema) -> bool {
    if schema.nodes().len() <= DEEP as usize {
        return false;
    }
    // 0 is a new node, or one that is visited again on the way down: a cycle goes no deeper
    let mut depths: Vec<u32> = vec![0; schema.nodes().len()];
    let mut entered = vec![false; schema.nodes().len()];
    let mut todo = vec![schema.root];
    while let Some(&id) = todo.last() {
        let known = todo.len();
        if !std::mem::replace(&mut entered[id.index()], true) {
            each_child(schema.node(id), &mut |child| {
                if !entered[child.index()] {
                    todo.push(child);
                }
            });
            if todo.len() > known {
                continue;
            }
        }
        todo.pop();
        let mut below = 0;
        each_child(schema.node(id), &mut |child| below = below.max(depths[child.index()]));
        depths[id.index()] = below + 1;
        if below >= DEEP {
            return true;
        }
    }
    false
}
