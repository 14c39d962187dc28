//! A CI system that signs tokens for its jobs, as GitHub's and its like do.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::rsa::{KeyPair, PublicKeyComponents};
use ring::signature::RSA_PKCS1_SHA256;
use serde_json::{Value, json};

use super::system_command;

/// What a job shows to be given a token.
const JOB: &str = "this-job";

struct State {
    key: KeyPair,
    /// By which name tokens call it.
    kid: String,
    claims: Value,
    signed: usize,
    elsewhere: Option<String>,
    asked: Vec<String>,
}

/// An issuer of tokens. It listens until the test process ends.
#[derive(Clone)]
pub struct CiSystem {
    url: String,
    state: Arc<Mutex<State>>,
}

impl CiSystem {
    /// One that runs a job with these claims, beside those of every token.
    pub fn new(claims: Value) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State {
            key: new_key(),
            kid: "one".to_owned(),
            claims,
            signed: 0,
            elsewhere: None,
            asked: Vec::new(),
        }));
        let ci = Self { url, state };
        let shared = ci.clone();
        thread::spawn(move || {
            for client in listener.incoming().map(Result::unwrap) {
                let ci = shared.clone();
                thread::spawn(move || {
                    let _ = ci.answer(client);
                });
            }
        });
        ci
    }

    /// Its URL, as its tokens say it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Runs another job.
    pub fn claims(&self, claims: Value) {
        self.state.lock().unwrap().claims = claims;
    }

    /// Signs with a new key of this name from now on, and shows no other any longer.
    pub fn rotates_to(&self, kid: &str) {
        let key = new_key();
        let mut state = self.state.lock().unwrap();
        state.key = key;
        kid.clone_into(&mut state.kid);
    }

    /// Sends everybody to another host.
    pub fn leads_to(&self, elsewhere: &str) {
        self.state.lock().unwrap().elsewhere = Some(elsewhere.to_owned());
    }

    /// The paths that were asked for.
    pub fn asked(&self) -> Vec<String> {
        self.state.lock().unwrap().asked.clone()
    }

    /// A token of the job.
    pub fn token(&self, audience: &str) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let mut state = self.state.lock().unwrap();
        state.signed += 1;
        let mut claims = json!({ "iss": self.url, "sub": "job", "aud": audience, "jti": state.signed.to_string(), "iat": now,
                                 "nbf": now, "exp": now + 300 });
        for (name, value) in state.claims.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let encoded = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
        let header = json!({ "alg": "RS256", "typ": "JWT", "kid": state.kid });
        let message = format!("{}.{}", encoded(&header), encoded(&claims));
        let mut signature = vec![0; state.key.public().modulus_len()];
        let signed = state.key.sign(
            &RSA_PKCS1_SHA256,
            &SystemRandom::new(),
            message.as_bytes(),
            &mut signature,
        );
        signed.unwrap();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// Gives a client the environment of a job, as GitHub's runners do.
    pub fn runs<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command
            .env("GITHUB_ACTIONS", "true")
            .env("ACTIONS_ID_TOKEN_REQUEST_URL", format!("{}/job?job=1", self.url))
            .env("ACTIONS_ID_TOKEN_REQUEST_TOKEN", JOB)
    }

    fn answer(&self, mut client: TcpStream) -> std::io::Result<()> {
        let mut lines = BufReader::new(client.try_clone()?);
        let mut head = String::new();
        while lines.read_line(&mut head)? > 2 {}
        let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
        let elsewhere = {
            let mut state = self.state.lock().unwrap();
            state.asked.push(path.clone());
            state.elsewhere.clone()
        };
        if let Some(elsewhere) = elsewhere {
            return write!(
                client,
                "HTTP/1.1 302 Found\r\nlocation: {elsewhere}{path}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            );
        }
        let shows = head
            .to_lowercase()
            .contains(&format!("authorization: bearer {JOB}"));
        let answer = match path.split_once("&audience=") {
            Some((_, audience)) if shows => json!({ "value": self.token(audience) }),
            Some(_) => json!({ "error": "no job" }),
            None if path == "/keys" => self.keys(),
            None => json!({ "issuer": self.url, "jwks_uri": format!("{}/keys", self.url) }),
        };
        let body = answer.to_string();
        write!(
            client,
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        )
    }

    fn keys(&self) -> Value {
        let state = self.state.lock().unwrap();
        let public: PublicKeyComponents<Vec<u8>> = state.key.public().into();
        let (n, e) = (URL_SAFE_NO_PAD.encode(public.n), URL_SAFE_NO_PAD.encode(public.e));
        json!({ "keys": [{ "kty": "RSA", "kid": state.kid, "use": "sig", "alg": "RS256", "n": n, "e": e }] })
    }
}

fn new_key() -> KeyPair {
    let mut openssl = system_command("openssl");
    openssl.args(["genpkey", "-algorithm", "RSA", "-outform", "DER"]);
    let made = openssl
        .args(["-pkeyopt", "rsa_keygen_bits:2048"])
        .output()
        .unwrap();
    // PKCS#1 or PKCS#8, as the version of openssl has it.
    KeyPair::from_der(&made.stdout)
        .or_else(|_| KeyPair::from_pkcs8(&made.stdout))
        .unwrap()
}
