"""A stand-in for the Hugging Face Hub: as much of its API as a model's files need.

After the requests that ``huggingface_hub`` makes and the answers that it reads. Large files are
served from another address, as the Hub does, and are sent there first when they are pushed.
"""

import base64
import contextlib
import hashlib
import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

LARGE = ".safetensors"
READER, WRITER = "reader-token", "writer-token"


@dataclass
class Repository:
    """Commits by their number, and what branches and tags point at."""

    commits: dict = field(default_factory=dict)
    refs: dict = field(default_factory=dict)
    private: bool = False
    gated: bool = False

    def commit(self, files, ref="main"):
        """Add files to what a branch holds; return the commit's number."""
        held = {**self.commits.get(self.refs.get(ref), {}), **files}
        content = json.dumps([len(self.commits), sorted(held)]).encode()
        self.refs[ref] = hashlib.sha1(content).hexdigest()  # noqa: S324 - as git has it
        self.commits[self.refs[ref]] = held
        return self.refs[ref]


class Hub:
    """The state of a hub.

    Attributes:
        repositories: By name.
        requests: Method and path of every request, in order.
        large: What was sent beforehand, by SHA-256.
        broken: Status of every answer, if not None.
        card_errors: What is wrong with model cards.
        takes_uploads: Whether large files arrive.
    """

    def __init__(self):
        self.repositories = {}
        self.requests = []
        self.large = {}
        self.broken = None
        self.card_errors = []
        self.takes_uploads = True

    def add(self, name, files, **settings):
        """Make a repository of these files; return its commit."""
        self.repositories[name] = Repository(**settings)
        return self.repositories[name].commit(files)

    def requested(self):
        """The files of which the content was asked for."""
        return [path.rpartition("/")[2] for method, path in self.requests if method == "GET"]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def hub(self):
        return self.server.hub

    def log_message(self, *_):
        pass

    def answer(self, status, content=b"", **headers):
        if not isinstance(content, bytes):
            content = json.dumps(content).encode()
        self.send_response(status)
        for name, value in {"Content-Length": len(content), **headers}.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def refuse(self, status, code):
        self.answer(status, {"error": code}, X_Error_Code=code)

    def token(self):
        return self.headers.get("Authorization", "").removeprefix("Bearer ")

    def body(self):
        """What came with a request, in one piece or in chunks."""
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        chunks = []
        while size := int(self.rfile.readline(), 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def handle_request(self):
        parts = unquote(urlsplit(self.path).path).strip("/").split("/")
        self.hub.requests.append((self.command, urlsplit(self.path).path))
        body = self.body()
        if self.hub.broken is not None:
            self.answer(self.hub.broken, {"error": "broken"})
        elif parts[0] == "cdn":
            self.answer(200, self.hub.large[parts[1]], ETag=f'"{parts[1]}"')
        elif parts[0] == "sent":
            self.hub.large[parts[1]] = body
            self.answer(200 if self.hub.takes_uploads else 500)
        elif parts[2:3] == ["resolve"]:
            self.resolve("/".join(parts[:2]), parts[3], "/".join(parts[4:]))
        elif parts[:2] == ["api", "validate-yaml"]:
            errors = [{"message": message} for message in self.hub.card_errors]
            self.answer(400 if errors else 200, {"errors": errors, "warnings": []})
        elif parts[:3] == ["api", "repos", "create"]:
            self.create(json.loads(body))
        elif parts[0] == "api" and parts[1] == "models" and len(parts) > 4:
            self.write("/".join(parts[2:4]), parts[4], body)
        elif self.path.endswith("/info/lfs/objects/batch"):
            self.batch(json.loads(body))
        else:
            self.refuse(404, "RepoNotFound")

    do_GET = do_HEAD = do_POST = do_PUT = handle_request  # noqa: N815 - the names of http.server

    def resolve(self, name, revision, file):
        repository = self.hub.repositories.get(name)
        if repository is None or (repository.private and not self.token()):
            self.refuse(401, "RepoNotFound")
            return
        if repository.gated:
            self.refuse(403, "GatedRepo")
            return
        commit = repository.refs.get(revision, revision)
        if commit not in repository.commits:
            self.refuse(404, "RevisionNotFound")
            return
        content = repository.commits[commit].get(file)
        about = {"X_Repo_Commit": commit}
        if content is None:
            self.answer(404, X_Error_Code="EntryNotFound", **about)
            return
        digest = hashlib.sha256(content).hexdigest()
        if file.endswith(LARGE):
            self.hub.large[digest] = content
            about |= {"X_Linked_Size": len(content), "X_Linked_ETag": f'"{digest}"'}
            cdn = self.server.url.replace("127.0.0.1", "localhost")
            self.answer(302, Location=f"{cdn}/cdn/{digest}", **about)
            return
        self.answer(200, content, ETag=f'"{digest}"', **about)

    def create(self, asked):
        name = f"{asked['organization']}/{asked['name']}"
        if not self.token():
            self.answer(401, {"error": "Invalid username or password."})
        elif self.token() != WRITER:
            self.answer(403, {"error": "You don't have the rights"})
        elif name in self.hub.repositories:
            self.answer(
                409, {"error": "You already created this", "url": f"{self.server.url}/{name}"}
            )
        else:
            private = asked.get("visibility") == "private" or asked.get("private", False)
            self.hub.repositories[name] = Repository(private=private)
            self.answer(200, {"url": f"{self.server.url}/{name}"})

    def write(self, name, verb, body):
        if self.token() != WRITER:
            self.answer(403, {"error": "You don't have the rights"})
        elif verb == "preupload":
            files = [
                {
                    "path": file["path"],
                    "uploadMode": "lfs" if file["path"].endswith(LARGE) else "regular",
                    "shouldIgnore": False,
                }
                for file in json.loads(body)["files"]
            ]
            self.answer(200, {"files": files})
        else:
            lines = [json.loads(line) for line in body.splitlines()]
            files = {}
            for line in lines:
                value = line["value"]
                if line["key"] == "file":
                    files[value["path"]] = base64.b64decode(value["content"])
                elif line["key"] == "lfsFile":
                    files[value["path"]] = self.hub.large[value["oid"]]
            commit = self.hub.repositories[name].commit(files)
            self.answer(
                200, {"commitUrl": f"{self.server.url}/{name}/commit/{commit}", "commitOid": commit}
            )

    def batch(self, asked):
        objects = [
            {**one, "actions": {"upload": {"href": f"{self.server.url}/sent/{one['oid']}"}}}
            for one in asked["objects"]
        ]
        self.answer(200, {"transfer": "basic", "objects": objects})


@contextlib.contextmanager
def running(hub):
    """Serve a hub on a port of this machine; give its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.hub, server.url = hub, f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.url
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextlib.contextmanager
def pointed_at(url, folder, monkeypatch):
    """Have huggingface_hub use an address, and a folder for its cache and tokens."""
    from huggingface_hub import constants  # noqa: PLC0415 - slow, and an extra

    monkeypatch.setattr(constants, "ENDPOINT", url)
    template = url + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(folder / "hub"))
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(folder / "token"))
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_TELEMETRY", True)
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)  # its servers speak no HTTP of ours
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.delenv("HF_TOKEN", raising=False)
    monkeypatch.setattr("huggingface_hub.utils._http.time.sleep", lambda _: None)  # before tries
    yield


@contextlib.contextmanager
def connections():
    """Close, in the end, the connections that huggingface_hub keeps open."""
    import huggingface_hub  # noqa: PLC0415 - slow, and an extra

    yield
    huggingface_hub.close_session()


@contextlib.contextmanager
def standing_in(tmp_path, monkeypatch):
    """Give a hub without repositories, which huggingface_hub takes for the Hub."""
    made = Hub()
    with running(made) as url, pointed_at(url, tmp_path, monkeypatch):
        yield made
