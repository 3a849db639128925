#!/usr/bin/env python3
"""Drives the window's page in a headless Chromium and checks what a dispatcher would see.

    browser.py URL BROKER_PORT [--deliveries] [SCREENSHOT]

The service behind URL serves the fleet "demo" with a geofence "no-go" of the kind no_go around 25.0478, 121.5170. The
script publishes positions with mosquitto_pub, and with --deliveries a route with a stop, talks to Chromium over pipes
(the DevTools protocol, messages ended by a zero byte), prints a line a step, and ends with 1 at the first that fails.
Standard library only.
"""

import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

DELIVERIES = "--deliveries" in sys.argv
URL, PORT, *MORE = (each for each in sys.argv[1:] if each != "--deliveries")
URL = URL.rstrip("/")
SCREENSHOT = MORE[0] if MORE else None
LAT, LON = 25.0478, 121.5170


class Failure(Exception):
    pass


class Browser:
    def __init__(self):
        program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
        if not program:
            raise Failure("there is no chromium")
        self.folder = tempfile.mkdtemp(prefix="window-browser-")
        to_child, self.write_end = os.pipe()
        self.read_end, from_child = os.pipe()

        def connect():
            # Chromium reads from descriptor 3 and writes to 4.
            first, second = os.dup(to_child), os.dup(from_child)
            os.dup2(first, 3)
            os.dup2(second, 4)
            os.set_inheritable(3, True)
            os.set_inheritable(4, True)

        self.process = subprocess.Popen(
            [program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
             "--no-first-run", "--disable-extensions", "--disable-background-networking", "--lang=en-GB",
             "--window-size=1400,900", f"--user-data-dir={self.folder}", "--remote-debugging-pipe", "about:blank"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=connect,
            close_fds=False)
        os.close(to_child)
        os.close(from_child)
        self.answers, self.complaints, self.number = {}, [], 0
        self.condition = threading.Condition()
        threading.Thread(target=self.listen, daemon=True).start()
        targets = self.call("Target.getTargets")["targetInfos"]
        target = next(each for each in targets if each["type"] == "page")["targetId"]
        self.session = None
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def listen(self):
        rest = b""
        while True:
            try:
                piece = os.read(self.read_end, 1 << 20)
            except OSError:
                return
            if not piece:
                return
            *messages, rest = (rest + piece).split(b"\0")
            for message in messages:
                self.take(json.loads(message))

    def take(self, message):
        with self.condition:
            if "id" in message:
                self.answers[message["id"]] = message
                self.condition.notify_all()
            elif message.get("method") == "Runtime.exceptionThrown":
                self.complaints.append(json.dumps(message["params"])[:600])
            elif message.get("method") == "Log.entryAdded":
                entry = message["params"]["entry"]
                if entry["level"] == "error":
                    self.complaints.append(f"{entry['text']} {entry.get('url', '')}")

    def call(self, method, **params):
        self.number += 1
        number = self.number
        message = {"id": number, "method": method, "params": params}
        if getattr(self, "session", None):
            message["sessionId"] = self.session
        os.write(self.write_end, json.dumps(message).encode() + b"\0")
        with self.condition:
            if not self.condition.wait_for(lambda: number in self.answers, timeout=30):
                raise Failure(f"Chromium does not answer {method}")
            answer = self.answers.pop(number)
        if "error" in answer:
            raise Failure(f"{method}: {answer['error']}")
        return answer["result"]

    def value(self, expression):
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise Failure(f"{expression}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def wait(self, what, expression, seconds=20):
        end = time.time() + seconds
        while True:
            value = self.value(expression)
            if value:
                print("ok:", what, flush=True)
                return value
            if time.time() > end:
                raise Failure(f"in vain: {what}\n{self.value('document.body.innerText')[:2000]}")
            time.sleep(0.1)

    def key(self, key):
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, text=key if len(key) == 1 and kind == "keyDown" else "")

    def close(self):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def publish(vehicle, east_m, speed_kmh=36, seconds_ago=0.0):
    """A position so many metres east of the middle of the fence."""
    report = {
        "time": int((time.time() - seconds_ago) * 1000), "lat": LAT, "lon": LON + east_m / 100_746,
        "speed_kmh": speed_kmh, "heading_deg": 90, "accuracy_m": 5, "ignition": True,
    }
    subprocess.run(
        ["mosquitto_pub", "-h", "127.0.0.1", "-p", PORT, "-q", "1", "-t", f"fleets/demo/vehicles/{vehicle}/telemetry",
         "-m", json.dumps(report)], check=True)


def tell(topic, message):
    """Publishes something of dispatch."""
    subprocess.run(
        ["mosquitto_pub", "-h", "127.0.0.1", "-p", PORT, "-q", "1", "-t", f"fleets/demo/dispatch/{topic}",
         "-m", json.dumps(message)], check=True)


def metric(name):
    text = urllib.request.urlopen(f"{URL}/metrics", timeout=10).read().decode()
    return next(float(line.split()[-1]) for line in text.splitlines() if line.startswith(name + " "))


def count(selector):
    return f"document.querySelectorAll({json.dumps(selector)}).length"


def check_delivery(browser):
    """A stop with its status and its expected arrival, which changes when the vehicle is slower than was thought."""
    now = int(time.time() * 1000)
    tell("orders/O-1", {"customer": "C-1", "place": {"lat": LAT, "lon": LON + 0.08, "radius_m": 60},
                        "window": {"from": now + 600_000, "to": now + 3_600_000}})
    tell("routes/R-1", {"vehicle": "truck-2", "depot": {"lat": LAT, "lon": LON - 0.06, "radius_m": 150},
                        "planned_start": now - 600_000,
                        "path": {"type": "LineString", "coordinates": [[LON - 0.06, LAT], [LON, LAT + 0.004], [LON + 0.08, LAT]]},
                        "stops": [{"stop": "S-1", "order": "O-1", "planned_arrival": now + 1_200_000}]})
    for step in range(4):
        publish("truck-2", -4500 + 300 * step, seconds_ago=300 - 30 * step)
    browser.wait("the vehicle with a route is listed", f"{count('#list button[data-vehicle=truck-2]')} === 1")
    browser.value("document.querySelector('#list button[data-vehicle=truck-2]').click()")
    paths = "fetch('routes.geojson?fleet=demo').then((r) => r.json()).then((all) => all.features.length)"
    browser.wait("the path of its route is there", f"{paths}.then((count) => count === 1)")
    eta = "document.querySelector('#details [data-stop=\"S-1\"]')?.children[2].textContent"
    before = browser.wait("its stop has an expected arrival", eta)
    for step in range(4):
        publish("truck-2", -3590 + step, speed_kmh=0, seconds_ago=151 - 50 * step)
    after = browser.wait("which changes with the drive", f"{eta} !== {json.dumps(before)} && {eta}")
    print("   ", before, "→", after)
    browser.value("document.querySelector('#list button[data-vehicle=truck-1]').click()")


def check(browser):
    for index in range(12):
        publish(f"van-{index:02d}", -2000 - 300 * index, speed_kmh=30 if index % 2 else 0)
    browser.call("Page.navigate", url=URL + "/")
    browser.wait("the page is live", "document.querySelector('#connection.here') !== null")
    browser.wait("twelve vehicles are listed", f"{count('#list button')} === 12")
    browser.wait("the geofence is in the legend", "document.querySelector('#legend').textContent.includes('no entry')")
    empty = "document.querySelector('#canvas').toDataURL()"

    before = browser.value(empty)
    publish("truck-1", -900, seconds_ago=100)
    browser.wait("a new vehicle comes by itself", f"{count('#list button[data-vehicle=truck-1]')} === 1")
    browser.value("document.querySelector('#list button[data-vehicle=truck-1]').click()")
    browser.wait("its details are shown", "document.querySelector('#details h2')?.textContent === 'truck-1'")
    time.sleep(1)
    still = browser.value(empty)
    if before == still:
        raise Failure("choosing a vehicle changes nothing on the map")
    publish("truck-1", -600, seconds_ago=80)
    browser.wait("it moves on the map", f"{empty} !== {json.dumps(still)}")

    for step, east_m in enumerate((-300, -100, 0, 50)):
        publish("truck-1", east_m, seconds_ago=60 - 15 * step)
    alert = "#events li.alert[data-type=\"geofence.prohibited_entered\"]"
    browser.wait("entering the fence raises the alert", f"{count(alert)} === 1")
    browser.wait("the alert names vehicle and fence",
                 f"document.querySelector({json.dumps(alert)}).textContent.includes('truck-1') && "
                 f"document.querySelector({json.dumps(alert)}).textContent.includes('Old town')")
    browser.wait("the details tell where it is", "document.querySelector('#details').textContent.includes('Old town')")
    browser.value("document.querySelector('#alerts-only').click()")
    browser.wait("alerts alone can be seen", f"{count('#events li')} === {count('#events li.alert')}")
    browser.value("document.querySelector('#alerts-only').click()")

    if DELIVERIES:
        check_delivery(browser)
    browser.value("document.activeElement.blur()")
    browser.key("/")
    browser.wait("a key leads to the search", "document.activeElement.id === 'search'")
    browser.call("Input.insertText", text="VAN-03")
    browser.wait("the search finds one", f"{count('#list button')} === 1 && {count('#list button[data-vehicle=van-03]')} === 1")
    browser.value("const s = document.querySelector('#search'); s.value = ''; s.dispatchEvent(new Event('input'))")
    browser.value("document.querySelector('#states [data-state=moving]').click()")
    browser.wait("filtered by state, none of the list moves",
                 f"{count('#list button')} === {7 if DELIVERIES else 6} && {count('#list button.moving')} === 0")
    browser.value("document.querySelector('#states [data-state=moving]').click()")

    browser.value("document.querySelector('#language').click()")
    browser.wait("the language switches", "document.querySelector('#side .heading h2').textContent === '事件' && "
                 f"document.documentElement.lang === 'zh-Hant' && "
                 f"document.querySelector({json.dumps(alert)}).textContent.includes('闖入禁行區')")
    if SCREENSHOT:
        time.sleep(1)
        image = browser.call("Page.captureScreenshot", format="png")["data"]
        with open(SCREENSHOT, "wb") as file:
            file.write(base64.b64decode(image))
    browser.value("document.querySelector('#language').click()")

    streams = metric("fleetstream_window_streams")
    if streams != 1:
        raise Failure(f"there are {streams} streams, not one")
    browser.value("Object.defineProperty(document, 'hidden', {value: true, configurable: true});"
                  "document.dispatchEvent(new Event('visibilitychange'))")
    browser.wait("in the background it says so", "document.querySelector('#connection').textContent === 'paused'")
    end = time.time() + 10
    while metric("fleetstream_window_streams") > 0:
        if time.time() > end:
            raise Failure("a page in the background keeps its stream")
        time.sleep(0.1)
    print("ok: a page in the background follows nothing", flush=True)
    publish("late-1", -1500)
    browser.value("Object.defineProperty(document, 'hidden', {value: false, configurable: true});"
                  "document.dispatchEvent(new Event('visibilitychange'))")
    browser.wait("back again, it knows what came meanwhile", f"{count('#list button[data-vehicle=late-1]')} === 1")
    browser.wait("and has forgotten nothing", f"{count('#list button')} === {15 if DELIVERIES else 14} && {count(alert)} === 1")
    if browser.complaints:
        raise Failure("the browser complains:\n" + "\n".join(browser.complaints))


def main():
    browser = None
    try:
        browser = Browser()
        check(browser)
    except Failure as failure:
        print("FAILED:", failure)
        if browser and browser.complaints:
            print("\n".join(browser.complaints))
        return 1
    finally:
        if browser:
            browser.close()
    return 0


sys.exit(main())
