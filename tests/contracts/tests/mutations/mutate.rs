//! Every single-step mutation of a specimen.

use super::model::{Body, Field, Part, Record, Specimen, Ty, Union, Variant};

/// A mutant and its mutation.
pub(super) struct Mutant {
    pub(super) label: String,
    pub(super) specimen: Specimen,
}

/// A list of fields in a specimen.
#[derive(Clone, Copy)]
enum Place {
    Root,
    Part(usize),
    Variant(usize, usize),
}

pub(super) fn all(specimen: &Specimen) -> Vec<Mutant> {
    let mut out = Vec::new();
    let mut push = |label: String, specimen: Specimen| {
        out.push(Mutant { label, specimen });
    };
    push(format!("{}: as it is", specimen.event), specimen.clone());
    for place in places(specimen) {
        let name = describe(specimen, place);
        let count = fields(&mut specimen.clone(), place).len();
        for i in 0..count {
            for (what, change) in of_field(&fields(&mut specimen.clone(), place)[i]) {
                let mut mutant = specimen.clone();
                let field = &mut fields(&mut mutant, place)[i];
                let label = format!("{name}.{}: {what}", field.rust);
                change(field);
                push(label, mutant);
            }
            let mut mutant = specimen.clone();
            let gone = fields(&mut mutant, place).remove(i);
            push(format!("{name}.{}: dropped", gone.rust), mutant);
        }
        for (what, field) in additions() {
            let mut mutant = specimen.clone();
            fields(&mut mutant, place).push(field);
            push(format!("{name}: {what}"), mutant);
        }
        if count > 1 {
            let mut mutant = specimen.clone();
            fields(&mut mutant, place).rotate_left(1);
            push(format!("{name}: fields in another order"), mutant);
        }
    }
    for (what, mutant) in records(specimen).into_iter().chain(unions(specimen)) {
        push(what, mutant);
    }
    out
}

fn places(specimen: &Specimen) -> Vec<Place> {
    let mut out = vec![Place::Root];
    for (i, part) in specimen.parts.iter().enumerate() {
        match part {
            Part::Record(_) => out.push(Place::Part(i)),
            Part::Union(u) => {
                for (j, v) in u.variants.iter().enumerate() {
                    if matches!(v.body, Body::Fields(_)) {
                        out.push(Place::Variant(i, j));
                    }
                }
            }
        }
    }
    out
}

fn describe(specimen: &Specimen, place: Place) -> String {
    let part = |i: usize| match &specimen.parts[i] {
        Part::Record(r) => r.name,
        Part::Union(u) => u.name,
    };
    match place {
        Place::Root => specimen.event.to_owned(),
        Place::Part(i) => format!("{} {}", specimen.event, part(i)),
        Place::Variant(i, j) => format!("{} {}#{j}", specimen.event, part(i)),
    }
}

fn fields(specimen: &mut Specimen, place: Place) -> &mut Vec<Field> {
    match place {
        Place::Root => &mut specimen.root.fields,
        Place::Part(i) => match &mut specimen.parts[i] {
            Part::Record(r) => &mut r.fields,
            Part::Union(_) => unreachable!("a place names a record"),
        },
        Place::Variant(i, j) => match &mut specimen.parts[i] {
            Part::Union(Union { variants, .. }) => match &mut variants[j].body {
                Body::Fields(fields) => fields,
                _ => unreachable!("a place names fields"),
            },
            Part::Record(_) => unreachable!("a place names a variant"),
        },
    }
}

type Change = Box<dyn Fn(&mut Field)>;

fn of_field(field: &Field) -> Vec<(String, Change)> {
    let mut out: Vec<(String, Change)> = Vec::new();
    let mut push = |what: &str, change: Change| out.push((what.to_owned(), change));
    push(
        "renamed in Rust",
        Box::new(|f| f.rust = format!("{}_x", f.rust.trim_start_matches("r#"))),
    );
    push("renamed on the wire", Box::new(|f| f.rename = Some("elsewhere".to_owned())));
    push(
        "boxed",
        Box::new(|f| match &mut f.ty {
            Ty::Option(inner) => **inner = Ty::Boxed(inner.clone()),
            ty => *ty = Ty::Boxed(Box::new(ty.clone())),
        }),
    );
    let inner = match &field.ty {
        Ty::Option(inner) => Some((**inner).clone()),
        _ => None,
    };
    match inner.clone() {
        None => {
            push(
                "option in",
                Box::new(|f| {
                    f.ty = Ty::Option(Box::new(f.ty.clone()));
                    f.skip_none = true;
                }),
            );
            push(
                "option in, written as null",
                Box::new(|f| f.ty = Ty::Option(Box::new(f.ty.clone()))),
            );
            push("a default", Box::new(|f| f.default = true));
            push("no default", Box::new(|f| f.default = false));
            push("never written", Box::new(|f| f.skip_serializing = true));
            if matches!(field.ty, Ty::Part(_)) {
                push("flattened", Box::new(|f| f.flatten = true));
            }
        }
        Some(inner) => {
            let plain = inner.clone();
            push(
                "option out",
                Box::new(move |f| {
                    f.ty = plain.clone();
                    f.skip_none = false;
                }),
            );
            push(
                "option out, with a default",
                Box::new(move |f| {
                    f.ty = inner.clone();
                    (f.skip_none, f.default) = (false, true);
                }),
            );
            push("an option the other way", Box::new(|f| f.skip_none = !f.skip_none));
            push("a default", Box::new(|f| f.default = true));
            push(
                "never written",
                Box::new(|f| {
                    (f.skip_none, f.skip_serializing) = (false, true);
                }),
            );
        }
    }
    for ty in others(inner.as_ref().unwrap_or(&field.ty)) {
        let text = format!("retyped to {}", ty.rust());
        let option = inner.is_some();
        push(
            &text,
            Box::new(move |f| {
                f.ty = if option { Ty::Option(Box::new(ty.clone())) } else { ty.clone() };
            }),
        );
    }
    // attributes that leave out a field need an `Option`, and a default needs a type that has one
    if has_no_default(&field.ty) {
        out.retain(|(what, _)| !what.contains("default") || what == "no default");
    }
    if field.default {
        out.retain(|(what, _)| what != "a default");
    } else {
        out.retain(|(what, _)| what != "no default");
    }
    out
}

fn has_no_default(ty: &Ty) -> bool {
    match ty {
        Ty::Option(inner) | Ty::Boxed(inner) => has_no_default(inner),
        Ty::Time | Ty::Part(_) => true,
        _ => false,
    }
}

fn others(ty: &Ty) -> Vec<Ty> {
    let mut all = vec![
        Ty::Text,
        Ty::Bool,
        Ty::Int("i64"),
        Ty::Float,
        Ty::Time,
        Ty::Any,
        Ty::List(Box::new(ty.clone())),
    ];
    match ty {
        Ty::Int(_) => all.extend(["u8", "u16", "u32", "u64", "i32"].map(Ty::Int)),
        Ty::Float => all.push(Ty::Single),
        Ty::List(item) => {
            // a part may contain itself, and then only in a box
            let item = match **item {
                Ty::Part(_) => Box::new(Ty::Boxed(item.clone())),
                _ => item.clone(),
            };
            all.push((*item).clone());
            all.push(Ty::List(Box::new(Ty::Option(item.clone()))));
            all.push(Ty::Pair(item.clone(), item));
        }
        Ty::Map(item) => all.push(Ty::Map(Box::new(Ty::Option(item.clone())))),
        Ty::Pair(a, b) => {
            all.push(Ty::List(a.clone()));
            all.push(Ty::Pair(b.clone(), Box::new(Ty::Text)));
        }
        _ => {}
    }
    let mut out: Vec<Ty> = Vec::new();
    for other in all {
        if other != *ty && !out.contains(&other) {
            out.push(other);
        }
    }
    out
}

fn additions() -> Vec<(&'static str, Field)> {
    vec![
        ("an optional field more", Field::optional("more", Ty::Text)),
        ("a required field more", Field::new("more", Ty::Text)),
        ("a field with a default more", Field { default: true, ..Field::new("more", Ty::Text) }),
    ]
}

fn records(specimen: &Specimen) -> Vec<(String, Specimen)> {
    type Toggle = fn(&mut Record);
    let toggles: [(&str, Toggle); 2] = [
        ("unknown fields denied or not", |r| r.closed = !r.closed),
        ("camel case or not", |r| r.camel = !r.camel),
    ];
    let mut out = Vec::new();
    for (what, toggle) in toggles {
        let mut mutant = specimen.clone();
        toggle(&mut mutant.root);
        out.push((format!("{}: {what}", specimen.event), mutant));
        for i in 0..specimen.parts.len() {
            let mut mutant = specimen.clone();
            if let Part::Record(record) = &mut mutant.parts[i] {
                toggle(record);
                out.push((format!("{} {}: {what}", specimen.event, record.name), mutant));
            }
        }
    }
    out
}

fn unions(specimen: &Specimen) -> Vec<(String, Specimen)> {
    let mut out = Vec::new();
    for i in 0..specimen.parts.len() {
        let Part::Union(union) = &specimen.parts[i] else { continue };
        let mut push = |what: String, change: &dyn Fn(&mut Union)| {
            let mut mutant = specimen.clone();
            if let Part::Union(union) = &mut mutant.parts[i] {
                change(union);
            }
            out.push((format!("{} {}: {what}", specimen.event, union.name), mutant));
        };
        for (j, v) in union.variants.iter().enumerate() {
            let name = &v.rust;
            push(format!("variant {name} out"), &|u| drop(u.variants.remove(j)));
            push(format!("variant {name} renamed"), &|u| u.variants[j].rust.push('X'));
            push(format!("variant {name} renamed in Rust alone"), &|u| {
                u.variants[j].rename = Some(u.variants[j].wire());
                u.variants[j].rust.push('X');
            });
            push(format!("variant {name} renamed on the wire"), &|u| {
                u.variants[j].rename = Some("elsewhere".to_owned());
            });
            match v.body {
                Body::Unit => push(format!("variant {name} with fields"), &|u| {
                    u.variants[j].body = Body::Fields(vec![Field::new("more", Ty::Text)]);
                }),
                _ => push(format!("variant {name} without content"), &|u| {
                    u.variants[j].body = Body::Unit;
                }),
            }
            if let Body::One(_) = v.body {
                push(format!("variant {name} with a number"), &|u| {
                    u.variants[j].body = Body::One(Ty::Int("i64"));
                });
            }
        }
        push("variant in".to_owned(), &|u| u.variants.push(Variant::new("More", Body::Unit)));
        push("variants in another order".to_owned(), &|u| u.variants.rotate_left(1));
        match union.tag {
            None => push("tagged".to_owned(), &|u| {
                u.tag = Some("kind");
                // serde does not allow a bare value beside a tag
                for v in &mut u.variants {
                    if let Body::One(ty) = &v.body {
                        v.body = Body::Fields(vec![Field::new("value", ty.clone())]);
                    }
                }
                u.open = false;
            }),
            Some(_) => {
                push("another tag".to_owned(), &|u| u.tag = Some("is"));
                push("no tag".to_owned(), &|u| u.tag = None);
            }
        }
        if union.open {
            push("closed".to_owned(), &|u| u.open = false);
        } else if union.tag.is_none() {
            push("opened".to_owned(), &|u| u.open = true);
        }
    }
    out
}
