"""A headless Chromium that a test drives through the DevTools protocol over a pipe: no port, no network."""
import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import time

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DEADLINE = 60
# A worker is a target of its own. It waits until it is watched, so that nothing of it is missed.
WORKERS = {"autoAttach": True, "waitForDebuggerOnStart": True, "flatten": True}


class Browser:
    """One page in a profile of its own. `complaints` gathers what its console says of errors and warnings,
    `requests` every address it asked for, `answers` those that answered; its workers' too. Nothing but loopback
    can be reached."""

    def __init__(self, folder):
        self.complaints, self.requests, self.answers = [], [], []
        self._count, self._buffer = 0, b""
        ours_in, theirs_out = os.pipe()
        theirs_in, ours_out = os.pipe()

        def place():  # the protocol's descriptors are 3 and 4
            os.dup2(os.dup(theirs_in), 3)
            os.dup2(os.dup(theirs_out), 4)

        # Descriptors above 4, so that neither of the two overwrites the other's source.
        theirs_in, theirs_out = (self._high(fd) for fd in (theirs_in, theirs_out))
        self._process = subprocess.Popen(
            [PROGRAM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
             "--remote-debugging-pipe", f"--user-data-dir={folder / 'profile'}",
             "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1", "about:blank"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            close_fds=False, preexec_fn=place)
        os.close(theirs_in)
        os.close(theirs_out)
        self._in, self._out = ours_in, ours_out
        self._session = None
        pages = [target for target in self.call("Target.getTargets")["targetInfos"] if target["type"] == "page"]
        self._session = self.call("Target.attachToTarget", targetId=pages[0]["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.call("Target.setAutoAttach", **WORKERS)

    @staticmethod
    def _high(fd):
        high = fcntl.fcntl(fd, fcntl.F_DUPFD, 10)
        os.close(fd)
        return high

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self._session = None
            self.call("Browser.close")
        except (OSError, EOFError, TimeoutError):
            self._process.kill()
        self._process.wait(timeout=DEADLINE)
        os.close(self._in)
        os.close(self._out)

    def _read(self, end):
        while b"\0" not in self._buffer:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self._in], [], [], left)[0]:
                raise TimeoutError("the browser gave no answer")
            piece = os.read(self._in, 1 << 16)
            if not piece:
                raise EOFError("the browser ended")
            self._buffer += piece
        message, self._buffer = self._buffer.split(b"\0", 1)
        return json.loads(message)

    def _note(self, message):
        method, params = message.get("method"), message.get("params", {})
        if method == "Runtime.exceptionThrown":
            details = params["exceptionDetails"]
            self.complaints.append(details.get("exception", {}).get("description") or details["text"])
        elif method == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning", "assert"):
            self.complaints.append(" ".join(str(a.get("value", a.get("description"))) for a in params["args"]))
        elif method == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
            self.complaints.append(params["entry"]["text"])
        elif method == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])
        elif method == "Network.responseReceived":
            self.answers.append(params["response"]["url"])
        elif method == "Target.attachedToTarget" and self._session:
            self._send(params["sessionId"], "Target.setAutoAttach", **WORKERS)
            for then in ("Runtime.enable", "Log.enable", "Network.enable", "Runtime.runIfWaitingForDebugger"):
                self._send(params["sessionId"], then)
        return method

    def _send(self, session, method, **params):
        self._count += 1
        message = {"id": self._count, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        return self._count

    def call(self, method, **params):
        sent = self._send(self._session, method, **params)
        end = time.monotonic() + DEADLINE
        while True:
            answer = self._read(end)
            self._note(answer)
            if answer.get("id") == sent:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]

    def run(self, script):
        """The value of a JavaScript expression, as JSON carries it; promises are waited for."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(f"{script}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def settle(self):
        """Until what was asked for is laid out and drawn."""
        self.run("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => "
                 "requestAnimationFrame(() => done(true)))))")

    def open(self, page, width=1200, height=900, dark=False):
        """A file, or an address."""
        address = page if isinstance(page, str) else page.as_uri()
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                  mobile=width < 600)
        self.call("Emulation.setEmulatedMedia",
                  features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        self.call("Page.navigate", url=address)
        # What stands behind the # is the page's own to change.
        self.wait("document.readyState + ' ' + location.href.split('#')[0]", f"complete {address.split('#')[0]}")
        self.settle()

    def wait(self, script, value):
        """Until the expression has the value."""
        end = time.monotonic() + DEADLINE
        while (now := self.run(script)) != value:
            if time.monotonic() > end:
                raise TimeoutError(f"{script} is {now!r}, not {value!r}")
            time.sleep(0.05)

    def key(self, name, text=None):
        """Presses and releases a key by its DOM name: Tab, Enter, ArrowRight."""
        codes = {"Tab": 9, "Enter": 13, " ": 32, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39,
                 "ArrowDown": 40, "Home": 36, "End": 35}
        down = {"key": name, "code": "Space" if name == " " else name, "windowsVirtualKeyCode": codes[name]}
        if name == "Enter" or text:
            down["text"] = text or "\r"
        self.call("Input.dispatchKeyEvent", type="keyDown", **down)
        self.call("Input.dispatchKeyEvent", type="keyUp", **{k: v for k, v in down.items() if k != "text"})

    def picture(self, file):
        """The whole page, from top to bottom, as a PNG."""
        shot = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        file.write_bytes(base64.b64decode(shot["data"]))
