//! HTTP out: the JSON API's client
