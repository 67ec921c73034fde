//! Strings that the type of their format refuses.

use serde_json::json;

use super::*;

/// A type of a format that refuses more than its shape can say, as `uuid::Uuid` does.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "String")]
struct Key(String);

impl TryFrom<String> for Key {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let hexes: Vec<usize> = text.split('-').map(str::len).collect();
        (hexes == [8, 4, 4, 4, 12]).then_some(Key(text)).ok_or_else(|| "no key".to_owned())
    }
}

impl EventData for Key {
    const SHAPE: Ref = Ref::leaf(&Shape::Str("uuid"));
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Keyed {
    key: Option<Key>,
    keys: Option<Vec<Key>>,
    pair: Option<(Key, u8)>,
}

static KEYED: Shape = Shape::Object(Object {
    ty: TYPE,
    closed: false,
    fields: &[
        field("key", 6, <Option<Key> as EventData>::SHAPE),
        field("keys", 6, <Option<Vec<Key>> as EventData>::SHAPE),
        field("pair", 6, <Option<(Key, u8)> as EventData>::SHAPE),
    ],
});
impl EventData for Keyed {
    const SHAPE: Ref = Ref::new(&KEYED);
}

const KEY: &str = "01234567-0123-0123-0123-012345678901";
/// So many digits as a uuid has, in another order: only the type refuses it.
const NO_KEY: &str = "0123-4567-0123-0123-0123-012345678901";

#[test]
fn what_only_the_type_of_a_format_refuses_is_left_out() {
    let key = Key(KEY.to_owned());
    for text in ["no uuid at all", NO_KEY] {
        let json = json!({"key": text, "keys": [text, KEY, 3, text, KEY, text]});
        let read: Tolerant<Keyed> = serde_json::from_value(json).unwrap();
        let keys = Some(vec![key.clone(), key.clone()]);
        assert_eq!(read.value, Keyed { key: None, keys, pair: None });
        let mut places: Vec<&str> = read.repairs.iter().map(|r| r.path.as_str()).collect();
        places.sort_unstable();
        assert_eq!(places, ["key", "keys[0]", "keys[2]", "keys[3]", "keys[5]"]);
        assert!(read.repairs.iter().all(|r| r.tolerance == Tolerance::LeftOut));
    }

    // a place of a tuple can't be absent: then the tuple is, and what was repaired in it is not told
    let read: Tolerant<Keyed> = serde_json::from_value(json!({"pair": [NO_KEY, "3"]})).unwrap();
    assert_eq!(read.value.pair, None);
    let said: Vec<String> = read.repairs.iter().map(ToString::to_string).collect();
    assert_eq!(said, ["`pair`: an array can't be read here and was left out"]);

    // it ends soon where there is much of it: then all of the array is left out
    let json = json!({"key": KEY, "keys": vec![NO_KEY; 10_000]});
    let read: Tolerant<Keyed> = serde_json::from_value(json).unwrap();
    assert_eq!(read.value, Keyed { key: Some(key), keys: None, pair: None });
    let said: Vec<String> = read.repairs.iter().map(ToString::to_string).collect();
    assert_eq!(said, ["`keys`: an array can't be read here and was left out"]);

    // what is wrong at the root is no place that can be absent
    let error = serde_json::from_value::<Tolerant<Key>>(json!(NO_KEY)).unwrap_err();
    assert_eq!(error.to_string(), "no key");
}
