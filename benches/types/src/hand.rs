//! The types that a person would write for the three events.

#![allow(dead_code, reason = "what counts is that the fields are read")]

use std::collections::BTreeMap;

use event_runtime::Timestamp;
use serde::Deserialize;

/// The event that EventBridge delivers, with our envelope in it.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Delivered<T> {
    pub version: String,
    pub id: String,
    pub detail_type: String,
    pub source: String,
    pub account: String,
    pub time: Timestamp,
    pub region: String,
    pub resources: Vec<String>,
    pub detail: Envelope<T>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Envelope<T> {
    pub id: String,
    pub source: String,
    pub r#type: String,
    pub version: String,
    pub occurred_at: Timestamp,
    pub data: T,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ParcelScanned {
    pub parcel_id: String,
    pub scanned_at: Timestamp,
    pub depot: String,
    pub state: State,
    pub lane: Option<i64>,
    pub note: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    Arrived,
    Sorted,
    Departed,
}

#[derive(Deserialize)]
pub struct Money {
    pub cents: i64,
    pub currency: Currency,
}

#[derive(Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Currency {
    Chf,
    Eur,
    Usd,
}

#[derive(Deserialize)]
pub struct Address {
    pub name: String,
    pub street: String,
    pub city: String,
    pub postcode: String,
    pub country: String,
    pub phone: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderPlaced {
    pub order_id: String,
    pub placed_at: Timestamp,
    pub customer: Customer,
    pub lines: Vec<Line>,
    pub total: Money,
    pub ship_to: Option<Address>,
    pub gift: Option<bool>,
    #[serde(default)]
    pub tags: Vec<String>,
    #[serde(default)]
    pub attributes: BTreeMap<String, String>,
}

#[derive(Deserialize)]
pub struct Customer {
    pub id: String,
    pub email: String,
    pub name: Option<String>,
    pub segment: Option<Segment>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Segment {
    Private,
    Trade,
}

#[derive(Deserialize)]
pub struct Line {
    pub sku: String,
    pub quantity: u32,
    pub price: Money,
    pub title: Option<String>,
    pub discount: Option<f64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InvoiceIssued {
    pub invoice_id: String,
    pub issued_at: Timestamp,
    pub due_at: Timestamp,
    pub seller: Party,
    pub buyer: Party,
    pub items: Vec<Item>,
    pub taxes: Vec<Tax>,
    pub total: Money,
    pub paid: Option<bool>,
    pub reference: Option<String>,
    #[serde(default)]
    pub notes: Vec<String>,
}

#[derive(Deserialize)]
pub struct Party {
    pub id: String,
    pub vat: Option<String>,
    pub address: Address,
}

#[derive(Deserialize)]
pub struct Tax {
    pub rate: f64,
    pub amount: Money,
    pub code: Option<String>,
}

#[derive(Deserialize)]
pub struct Item {
    pub text: String,
    pub quantity: f64,
    pub unit: Unit,
    pub amount: Money,
    pub article: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    Piece,
    Hour,
    Kilogram,
}
