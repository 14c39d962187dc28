//! Web servers that know nothing of packages.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use tempfile::TempDir;

use super::{eventually, free_port, run, system_command, tool};

/// A process that serves something on a port of its own; it is killed by its id with the value.
pub struct StaticHost {
    child: Child,
    url: String,
    // What it runs on.
    directory: TempDir,
}

impl StaticHost {
    /// nginx as it comes from Debian, with the directory below a path of the host, as hosts of
    /// project pages have it.
    pub fn nginx(directory: &Path) -> Self {
        let room = TempDir::new().unwrap();
        let port = free_port();
        let (here, shown) = (room.path().display(), directory.display());
        let config = format!(
            "daemon off; master_process off; user root; pid {here}/pid; error_log {here}/error.log;\n\
             events {{}}\n\
             http {{\n  include /etc/nginx/mime.types;\n  access_log off;\n\
             client_body_temp_path {here}/body; proxy_temp_path {here}/proxy;\n\
             fastcgi_temp_path {here}/fcgi; uwsgi_temp_path {here}/uwsgi; scgi_temp_path {here}/scgi;\n\
             server {{ listen 127.0.0.1:{port}; location /a/prefix/ {{ alias {shown}/; }} }}\n}}\n"
        );
        fs::write(room.path().join("nginx.conf"), config).unwrap();
        let mut nginx = system_command("nginx");
        nginx.arg("-c").arg(room.path().join("nginx.conf"));
        Self::start(&mut nginx, &format!("http://127.0.0.1:{port}"), "/a/prefix", room)
    }

    /// nginx before a server, for clients that speak https only; [`StaticHost::authority`] vouches for it.
    pub fn tls(upstream: &str) -> Self {
        let room = TempDir::new().unwrap();
        let port = free_port();
        let here = room.path().display();
        fs::write(room.path().join("names"), "subjectAltName=IP:127.0.0.1\n").unwrap();
        let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
        for step in [
            format!("req -x509 {key} -keyout ca.key -out ca.pem -subj /CN=ca -days 2"),
            format!("req {key} -keyout key -out request -subj /CN=127.0.0.1"),
            "x509 -req -in request -CA ca.pem -CAkey ca.key -CAcreateserial -out cert -days 2 -extfile names"
                .to_owned(),
        ] {
            let mut openssl = system_command("openssl");
            run(openssl.args(step.split(' ')).current_dir(room.path())).ok();
        }
        let config = format!(
            "daemon off; master_process off; user root; pid {here}/pid; error_log {here}/error.log;\n\
             events {{}}\n\
             http {{\n  access_log off; client_max_body_size 0;\n\
             client_body_temp_path {here}/body; proxy_temp_path {here}/proxy;\n\
             fastcgi_temp_path {here}/fcgi; uwsgi_temp_path {here}/uwsgi; scgi_temp_path {here}/scgi;\n\
             server {{ listen 127.0.0.1:{port} ssl; ssl_certificate {here}/cert; ssl_certificate_key {here}/key;\n\
             location / {{ proxy_pass {upstream}; proxy_set_header Host $http_host; }} }}\n}}\n"
        );
        fs::write(room.path().join("nginx.conf"), config).unwrap();
        let mut nginx = system_command("nginx");
        nginx.arg("-c").arg(room.path().join("nginx.conf"));
        let mut host = Self::start(&mut nginx, &format!("http://127.0.0.1:{port}"), "", room);
        host.url = format!("https://127.0.0.1:{port}");
        host
    }

    /// The certificate of who vouches for it.
    pub fn authority(&self) -> PathBuf {
        self.directory.path().join("ca.pem")
    }

    /// nginx at 127.0.0.2 in front of a server, as one that ends TLS would be: it says for whom a request is, and one
    /// thing more.
    pub fn proxy(to: &str, also: &str) -> Self {
        let room = TempDir::new().unwrap();
        let port = free_port();
        let here = room.path().display();
        let config = format!(
            "daemon off; master_process off; user root; pid {here}/pid; error_log {here}/error.log;\n\
             events {{}}\n\
             http {{\n  access_log off;\n\
             client_body_temp_path {here}/body; proxy_temp_path {here}/proxy;\n\
             fastcgi_temp_path {here}/fcgi; uwsgi_temp_path {here}/uwsgi; scgi_temp_path {here}/scgi;\n\
             server {{ listen 127.0.0.1:{port}; client_max_body_size 0; location / {{\n\
             proxy_bind 127.0.0.2; proxy_pass {to}; proxy_http_version 1.1; proxy_set_header Host $http_host;\n\
             proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;\n\
             proxy_set_header X-Forwarded-Proto https; proxy_set_header {also};\n\
             }} }}\n}}\n"
        );
        fs::write(room.path().join("nginx.conf"), config).unwrap();
        let mut nginx = system_command("nginx");
        nginx.arg("-c").arg(room.path().join("nginx.conf"));
        Self::start(&mut nginx, &format!("http://127.0.0.1:{port}"), "", room)
    }

    /// `python3 -m http.server` in the directory.
    pub fn python(directory: &Path) -> Self {
        let port = free_port();
        let mut python = system_command("python3");
        python.args(["-m", "http.server", "--bind", "127.0.0.1", &port.to_string()]);
        python.current_dir(directory);
        let room = TempDir::new().unwrap();
        Self::start(&mut python, &format!("http://127.0.0.1:{port}"), "", room)
    }

    /// A server that speaks S3.
    pub fn s3() -> Self {
        let room = TempDir::new().unwrap();
        let port = free_port();
        let mut s3 = system_command(tool("venv/bin/ministack"));
        s3.env("BIND_HOST", "127.0.0.1")
            .env("GATEWAY_PORT", port.to_string())
            .env("SERVICES", "s3")
            .current_dir(room.path());
        Self::start(&mut s3, &format!("http://127.0.0.1:{port}"), "", room)
    }

    fn start(command: &mut std::process::Command, address: &str, prefix: &str, directory: TempDir) -> Self {
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut host = Self {
            child,
            url: format!("{address}{prefix}"),
            directory,
        };
        let socket = address.trim_start_matches("http://").to_owned();
        eventually("the web server", || {
            let ended = host.child.try_wait().unwrap();
            assert!(ended.is_none(), "the web server has ended: {ended:?}");
            std::net::TcpStream::connect(&socket).ok()
        });
        host
    }

    /// Where the directory is, without a slash at its end.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for StaticHost {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
