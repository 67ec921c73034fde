//! Schemas that nest deep are compared on a stack of their own.
//!
//! The search and the walk go down as deep as the schemas do. On a caller's stack, which may be small,
//! that ends at a few dozen levels; what nests deeper gets a thread with room.

use crate::kernel::each_child;
use crate::model::Schema;

/// Schemas that nest deeper than this get room.
const DEEP: u32 = 36;

/// Bytes of the stack. The system gives them as they are used.
const STACK: usize = 256 << 20;

/// Does the work where there is room for it, and tells it whether there is more than usual: for schemas that
/// nest deep.
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

/// Whether some chain of schemas, each a part of the one before, is longer than [`DEEP`].
pub(super) fn is_deep(schema: &Schema) -> bool {
    if schema.nodes().len() <= DEEP as usize {
        return false;
    }
    // 0 is new, or met again on the way down: a cycle goes no deeper.
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
