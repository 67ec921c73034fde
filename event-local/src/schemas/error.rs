//! The API's errors: a status, `{Code, Message}`, and the header that the Rust SDK needs to find
//! the error's type.

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use serde_json::json;

/// A kind of error, as the model names them (without `Exception`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// 400.
    BadRequest,
    /// 401.
    Unauthorized,
    /// 403.
    Forbidden,
    /// 404.
    NotFound,
    /// 409.
    Conflict,
    /// 410.
    Gone,
    /// 412.
    PreconditionFailed,
    /// 429.
    TooManyRequests,
    /// 500.
    InternalServerError,
    /// 503.
    ServiceUnavailable,
}

impl Kind {
    /// The status.
    pub fn status(self) -> StatusCode {
        match self {
            Kind::BadRequest => StatusCode::BAD_REQUEST,
            Kind::Unauthorized => StatusCode::UNAUTHORIZED,
            Kind::Forbidden => StatusCode::FORBIDDEN,
            Kind::NotFound => StatusCode::NOT_FOUND,
            Kind::Conflict => StatusCode::CONFLICT,
            Kind::Gone => StatusCode::GONE,
            Kind::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
            Kind::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
            Kind::InternalServerError => StatusCode::INTERNAL_SERVER_ERROR,
            Kind::ServiceUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The exception's name, as `x-amzn-ErrorType` has it.
    pub fn exception(self) -> &'static str {
        match self {
            Kind::BadRequest => "BadRequestException",
            Kind::Unauthorized => "UnauthorizedException",
            Kind::Forbidden => "ForbiddenException",
            Kind::NotFound => "NotFoundException",
            Kind::Conflict => "ConflictException",
            Kind::Gone => "GoneException",
            Kind::PreconditionFailed => "PreconditionFailedException",
            Kind::TooManyRequests => "TooManyRequestsException",
            Kind::InternalServerError => "InternalServerErrorException",
            Kind::ServiceUnavailable => "ServiceUnavailableException",
        }
    }

    /// The `Code` of the body.
    fn code(self) -> &'static str {
        let name = self.exception();
        name.strip_suffix("Exception").unwrap_or(name)
    }
}

/// An error on its way to the client.
#[derive(Debug, Clone)]
pub(crate) struct ApiError {
    pub(crate) kind: Kind,
    /// The value of `Code`: the actual kind, even if the operation's model has only a more general
    /// one.
    code: Kind,
    pub(crate) message: String,
}

impl ApiError {
    pub(crate) fn new(kind: Kind, message: impl Into<String>) -> ApiError {
        ApiError { kind, code: kind, message: message.into() }
    }

    pub(super) fn bad_request(message: impl Into<String>) -> ApiError {
        ApiError::new(Kind::BadRequest, message)
    }

    pub(super) fn not_found(message: impl Into<String>) -> ApiError {
        ApiError::new(Kind::NotFound, message)
    }

    /// The same error as `BadRequestException`, for an operation whose model does not list the
    /// kind.
    pub(super) fn coarser(self) -> ApiError {
        ApiError { kind: Kind::BadRequest, ..self }
    }

    pub(crate) fn into_response(self) -> Response<Body> {
        let body = json!({ "Code": self.code.code(), "Message": self.message }).to_string();
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = self.kind.status();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert("x-amzn-errortype", HeaderValue::from_static(self.kind.exception()));
        response
    }
}
