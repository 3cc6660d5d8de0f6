"""A Hub on loopback: what `huggingface_hub` and `datasets` ask of the real one, for datasets, with faults on demand.

Repos have commits with parents, branches and pull requests; large files go the way of Git LFS, in parts where they are
longer than one; nothing is seen before it is committed. It takes one token, keeps a line on every request, and runs in
a thread of the tests' process. Xet it has not (set HF_HUB_DISABLE_XET).
"""

from __future__ import annotations

import asyncio
import base64
import json
import re
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha1, sha256
from typing import Any

import yaml
from aiohttp import web

TOKEN = "hf_CANARYcanaryCANARYcanary0123456789"  # recognisable, and of no use anywhere
USER = "somebody"
PARENT_MOVED = "A commit has happened since."
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Fault:
    """What goes wrong with a request of that route, for so many times."""

    route: str
    status: int = 503
    """0: the connection is cut before the request was worked off, -1: after it, so that the reply is lost, -2: it
    hangs."""
    times: int = 10**9
    headers: dict[str, str] = field(default_factory=dict)
    body: str = "out of order"


@dataclass
class Repository:
    private: bool
    commits: dict[str, dict[str, bytes]]
    """Sha -> path -> content."""
    refs: dict[str, str]
    """Branch or pull request -> sha."""
    titles: dict[int, str] = field(default_factory=dict)
    """Pull request -> its title."""

    def commit(self, ref: str, files: dict[str, bytes]) -> str:
        sha = sha1(f"{ref}{len(self.commits)}{sorted(files)}".encode()).hexdigest()
        self.commits[sha] = files
        self.refs[ref] = sha
        return sha

    def sha(self, revision: str) -> str | None:
        return self.refs.get(revision) or (revision if revision in self.commits else None)

    @property
    def main(self) -> dict[str, bytes]:
        return self.commits[self.refs["main"]]


@dataclass
class Hub:
    part: int = 2**40
    """Bytes from which an upload is cut into parts of so many."""
    threshold: int = 1024
    """Bytes from which a file is a large one."""
    repos: dict[str, Repository] = field(default_factory=dict)
    objects: dict[str, bytes] = field(default_factory=dict)
    """Large files by sha256, committed or not."""
    parts: dict[tuple[str, int], bytes] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    """Name of the route of each request."""
    times: list[float] = field(default_factory=list)
    """When each came, in seconds of the monotonic clock."""
    received: list[bytes] = field(default_factory=list)
    """Address, headers and body of each request that was worked off, without what signs it in; uploads themselves go to
    a store that is not the Hub's own, so nothing may sign them in."""
    meanwhile: list[Callable[[], object]] = field(default_factory=list)
    """What happens just before the next commits are worked off."""
    url: str = ""

    def make(self, name: str, *, private: bool = True, files: dict[str, bytes] | None = None) -> Repository:
        repo = Repository(private, {}, {})
        repo.commit("main", {".gitattributes": b"*.parquet filter=lfs\n", **(files or {})})
        self.repos[name] = repo
        return repo

    def asked(self, route: str) -> int:
        return self.log.count(route)

    def forget(self) -> None:
        """Be as it was when it was started."""
        for stored in (self.repos, self.objects, self.parts):
            stored.clear()
        for noted in (self.faults, self.log, self.times, self.received, self.meanwhile):
            noted.clear()
        self.part = 2**40

    # -- serving -----------------------------------------------------------------------------------------------------

    def app(self) -> web.Application:
        app = web.Application(middlewares=[self._watch], client_max_size=2**30)
        repo = r"{space:[^/]+}/{name:[^/]+?}"
        api = f"/api/datasets/{repo}"
        for method, path, handler in (
            ("GET", "/api/whoami-v2", self.whoami),
            ("POST", "/api/repos/create", self.create),
            ("POST", "/api/validate-yaml", self.validate),
            ("GET", api, self.info),
            ("GET", f"{api}/revision/{{revision}}", self.info),
            ("GET", f"{api}/tree/{{revision}}", self.tree),
            ("GET", f"{api}/tree/{{revision}}/{{path:.*}}", self.tree),
            ("POST", f"{api}/paths-info/{{revision}}", self.paths),
            ("POST", f"{api}/preupload/{{revision}}", self.preupload),
            ("POST", f"{api}/commit/{{revision}}", self.commit),
            ("GET", f"{api}/discussions", self.discussions),
            ("POST", f"/datasets/{repo}.git/info/lfs/objects/batch", self.batch),
            ("PUT", "/lfs/{oid}", self.upload),
            ("PUT", "/lfs/{oid}/{part}", self.upload),
            ("POST", "/lfs/{oid}/complete", self.complete),
            ("POST", "/verify", self.verify),
            ("GET", f"/datasets/{repo}/resolve/{{revision}}/{{path:.*}}", self.resolve),
        ):
            app.router.add_route(method, path, handler)
            if handler == self.resolve:
                app.router.add_route("HEAD", path, handler)
        return app

    @web.middleware
    async def _watch(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        route = getattr(handler, "__name__", "unknown")
        self.log.append(route)
        self.times.append(time.monotonic())
        fault = next((f for f in self.faults if f.route == route and f.times), None)
        if fault is not None:
            fault.times -= 1
            if fault.status == -2:
                while request.transport is not None and not request.transport.is_closing():  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
                return web.Response()
            if fault.status <= 0:
                if fault.status == 0:
                    await request.content.read(512)
                else:
                    await handler(request)
                assert request.transport is not None
                request.transport.abort()
                return web.Response()
            return web.Response(status=fault.status, text=fault.body, headers=fault.headers)
        headers = {name: said for name, said in request.headers.items() if name != "Authorization" or route == "upload"}
        self.received.append(f"{request.url} {headers}\n".encode() + await request.read())
        return await handler(request)

    def _repo(self, request: web.Request) -> Repository:
        repo = self.repos.get(f"{request.match_info['space']}/{request.match_info['name']}")
        known = request.headers.get("Authorization") == f"Bearer {TOKEN}"
        if repo is None or (repo.private and not known):
            raise web.HTTPNotFound(headers={"X-Error-Code": "RepoNotFound", "X-Error-Message": "Repository not found"})
        return repo

    def _sha(self, request: web.Request, repo: Repository) -> str:
        sha = repo.sha(request.match_info.get("revision", "main"))
        if sha is None:
            raise web.HTTPNotFound(headers={"X-Error-Code": "RevisionNotFound", "X-Error-Message": "Invalid rev id"})
        return sha

    def _signed_in(self, request: web.Request) -> None:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            said = request.headers.get("Authorization", "")  # a careless server shows what it was sent
            raise web.HTTPUnauthorized(headers={"X-Error-Message": f"Invalid credentials: {said}"})

    def _sibling(self, path: str, content: bytes) -> dict[str, Any]:
        found: dict[str, Any] = {"rfilename": path, "size": len(content), "blobId": git(content)}
        if len(content) >= self.threshold:
            found["lfs"] = {"sha256": sha256(content).hexdigest(), "size": len(content), "pointerSize": 130}
            found["blobId"] = git(pointer(content))
        return found

    # -- the routes --------------------------------------------------------------------------------------------------

    async def whoami(self, request: web.Request) -> web.Response:
        self._signed_in(request)
        return web.json_response({"type": "user", "name": USER, "orgs": []})

    async def create(self, request: web.Request) -> web.Response:
        self._signed_in(request)
        asked = await request.json()
        name = f"{asked['organization'] or USER}/{asked['name']}"
        if asked["type"] != "dataset" or not name.startswith(f"{USER}/"):
            raise web.HTTPForbidden(headers={"X-Error-Message": "You don't have the rights to create a dataset there"})
        if name in self.repos:
            return web.json_response({"error": "You already created this dataset repo"}, status=409)
        self.make(name, private=asked.get("visibility") == "private")
        return web.json_response({"url": f"{self.url}/datasets/{name}", "name": name})

    async def validate(self, request: web.Request) -> web.Response:
        asked = await request.json()
        head = re.match(r"---\n(.*?)\n---\n", asked["content"], re.DOTALL)
        data = yaml.safe_load(head[1]) if head else None
        if not isinstance(data, dict) or "license" not in data:
            return web.json_response({"errors": [{"message": '"license" is required'}], "warnings": []}, status=400)
        return web.json_response({"errors": [], "warnings": []})

    async def info(self, request: web.Request) -> web.Response:
        repo = self._repo(request)
        sha = self._sha(request, repo)
        siblings = [self._sibling(path, content) for path, content in repo.commits[sha].items()]
        if request.query.get("blobs", "").lower() != "true":
            siblings = [{"rfilename": sibling["rfilename"]} for sibling in siblings]
        name = f"{request.match_info['space']}/{request.match_info['name']}"
        found = {"id": name, "author": USER, "sha": sha, "private": repo.private, "disabled": False, "gated": False}
        return web.json_response(found | {"tags": [], "downloads": 0, "likes": 0, "siblings": siblings})

    def _entry(self, path: str, content: bytes) -> dict[str, Any]:
        found = self._sibling(path, content)
        entry = {"type": "file", "path": path, "size": len(content), "oid": found["blobId"]}
        if "lfs" in found:
            entry["lfs"] = {"oid": found["lfs"]["sha256"], "size": len(content), "pointerSize": 130}
        return entry

    async def tree(self, request: web.Request) -> web.Response:
        repo = self._repo(request)
        files = repo.commits[self._sha(request, repo)]
        under = request.match_info.get("path", "").strip("/")
        prefix = f"{under}/" if under else ""
        inside = {path: content for path, content in files.items() if path.startswith(prefix)}
        if under and not inside:
            raise web.HTTPNotFound(headers={"X-Error-Code": "EntryNotFound", "X-Error-Message": "not there"})
        deep = request.query.get("recursive", "").lower() == "true"
        found: list[dict[str, Any]] = []
        folders: set[str] = set()
        for path, content in inside.items():
            rest = path.removeprefix(prefix).split("/")
            folders |= {prefix + "/".join(rest[:depth]) for depth in range(1, len(rest) if deep else min(2, len(rest)))}
            if deep or len(rest) == 1:
                found.append(self._entry(path, content))
        found += [{"type": "directory", "path": path, "size": 0, "oid": git(path.encode())} for path in sorted(folders)]
        return web.json_response(found)

    async def paths(self, request: web.Request) -> web.Response:
        repo = self._repo(request)
        files = repo.commits[self._sha(request, repo)]
        form = await request.post()
        wanted = [str(path).strip("/") for path in form.getall("paths", [])]
        found = [self._entry(path, files[path]) for path in wanted if path in files]
        folders = {path for path in wanted if any(name.startswith(f"{path}/") for name in files)}
        found += [{"type": "directory", "path": path, "size": 0, "oid": git(path.encode())} for path in sorted(folders)]
        return web.json_response(found)

    async def preupload(self, request: web.Request) -> web.Response:
        self._signed_in(request)
        repo = self._repo(request)
        files = repo.commits[self._sha(request, repo)]
        asked = await request.json()
        ignored = asked.get("gitIgnore", files.get(".gitignore", b"").decode()).split()
        found = []
        for file in asked["files"]:
            large = file["size"] >= self.threshold
            there = files.get(file["path"])
            oid = None if there is None else (sha256(there).hexdigest() if large else git(there))
            mode = "lfs" if large else "regular"
            ignore = any(file["path"].startswith(start) for start in ignored)
            found.append({"path": file["path"], "uploadMode": mode, "shouldIgnore": ignore, "oid": oid})
        return web.json_response({"files": found})

    async def batch(self, request: web.Request) -> web.Response:
        self._signed_in(request)
        self._repo(request)
        found = []
        for wanted in (await request.json())["objects"]:
            oid, size = wanted["oid"], wanted["size"]
            entry: dict[str, Any] = {"oid": oid, "size": size}
            if oid not in self.objects:
                verify = {"href": f"{self.url}/verify"}
                upload: dict[str, Any] = {"href": f"{self.url}/lfs/{oid}"}
                if size > self.part:
                    numbers = range(1, -(-size // self.part) + 1)
                    header = {str(number): f"{self.url}/lfs/{oid}/{number}" for number in numbers}
                    header["chunk_size"] = str(self.part)
                    upload = {"href": f"{self.url}/lfs/{oid}/complete", "header": header}
                entry["actions"] = {"upload": upload, "verify": verify}
            found.append(entry)
        return web.json_response({"transfer": "basic", "objects": found})

    async def upload(self, request: web.Request) -> web.Response:
        oid, part = request.match_info["oid"], request.match_info.get("part")
        content = await request.read()
        if part is not None:
            self.parts[oid, int(part)] = content
            return web.Response(headers={"ETag": f'"{sha1(content).hexdigest()}"'})
        if sha256(content).hexdigest() != oid:
            raise web.HTTPBadRequest(text="another content than was announced")
        self.objects[oid] = content
        return web.Response()

    async def complete(self, request: web.Request) -> web.Response:
        oid, asked = request.match_info["oid"], await request.json()
        parts = [self.parts.pop((oid, part["partNumber"])) for part in asked["parts"]]
        etags = [f'"{sha1(part).hexdigest()}"' for part in parts]
        content = b"".join(parts)
        if etags != [part["etag"] for part in asked["parts"]] or sha256(content).hexdigest() != oid:
            raise web.HTTPBadRequest(text="the parts do not fit")
        self.objects[oid] = content
        return web.Response()

    async def verify(self, request: web.Request) -> web.Response:
        self._signed_in(request)
        asked = await request.json()
        there = self.objects.get(asked["oid"])
        if there is None or len(there) != asked["size"]:
            raise web.HTTPNotFound(text="no such object")
        return web.json_response({})

    async def commit(self, request: web.Request) -> web.Response:
        self._signed_in(request)
        for happens in self.meanwhile[:1]:
            self.meanwhile.remove(happens)
            happens()
        repo = self._repo(request)
        lines = [json.loads(line) for line in (await request.read()).splitlines()]
        header = next(line["value"] for line in lines if line["key"] == "header")
        parent = repo.refs[request.match_info["revision"]]
        if header.get("parentCommit") not in {None, parent}:
            return web.json_response({"error": PARENT_MOVED}, status=412)
        files = dict(repo.commits[parent])
        for line in lines:
            value = line["value"]
            if line["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif line["key"] == "lfsFile":
                if value["oid"] not in self.objects:
                    return web.json_response({"error": "LFS pointer pointed to a file that does not exist"}, status=400)
                files[value["path"]] = self.objects[value["oid"]]
            elif line["key"] == "deletedFile":
                files.pop(value["path"])
        name = f"{request.match_info['space']}/{request.match_info['name']}"
        ref, url = request.match_info["revision"], None
        if request.query.get("create_pr") == "1":
            number = len(repo.titles) + 1
            repo.titles[number] = header["summary"]
            ref, url = f"refs/pr/{number}", f"{self.url}/datasets/{name}/discussions/{number}"
        sha = repo.commit(ref, files)
        address = f"{self.url}/datasets/{name}/commit/{sha}"
        return web.json_response({"commitUrl": address, "commitOid": sha, "pullRequestUrl": url})

    async def discussions(self, request: web.Request) -> web.Response:
        repo = self._repo(request)
        name = f"{request.match_info['space']}/{request.match_info['name']}"
        found = [
            {
                "title": title,
                "num": number,
                "author": {"name": USER},
                "createdAt": "2026-01-01T00:00:00.000Z",
                "status": "open",
                "repo": {"name": name, "type": "dataset"},
                "isPullRequest": True,
            }
            for number, title in repo.titles.items()
        ]
        return web.json_response({"discussions": found, "count": len(found), "start": 0})

    async def resolve(self, request: web.Request) -> web.Response:
        repo = self._repo(request)
        sha = self._sha(request, repo)
        content = repo.commits[sha].get(request.match_info["path"])
        if content is None:
            raise web.HTTPNotFound(
                headers={"X-Error-Code": "EntryNotFound", "X-Error-Message": "Entry not found", "X-Repo-Commit": sha}
            )
        headers = {"X-Repo-Commit": sha, "ETag": f'"{git(content)}"', "Accept-Ranges": "bytes"}
        if len(content) >= self.threshold:
            headers["X-Linked-Etag"] = f'"{sha256(content).hexdigest()}"'
            headers["X-Linked-Size"] = str(len(content))
        wanted = re.fullmatch(r"bytes=(\d*)-(\d*)", request.headers.get("Range", ""))
        if wanted is None:
            return web.Response(body=content, headers=headers)
        first = int(wanted[1]) if wanted[1] else max(0, len(content) - int(wanted[2]))
        last = min(len(content) - 1, int(wanted[2])) if wanted[1] and wanted[2] else len(content) - 1
        headers["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
        return web.Response(status=206, body=content[first : last + 1], headers=headers)


def git(content: bytes) -> str:
    """The name of a blob with that content."""
    return sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def pointer(content: bytes) -> bytes:
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256(content).hexdigest()}\n".encode()


@contextmanager
def serving(hub: Hub) -> Iterator[Hub]:
    """`hub` on a free port of loopback, until the end."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    runner = web.AppRunner(hub.app(), shutdown_timeout=0.1, handle_signals=False)

    async def start() -> str:
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        return f"http://127.0.0.1:{runner.addresses[0][1]}"

    hub.url = asyncio.run_coroutine_threadsafe(start(), loop).result(10)
    try:
        yield hub
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
