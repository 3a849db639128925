import BrokerHarness
import Foundation
import Glibc
import MQTTTransport

/// An HTTP server that answers as a router does, or fails in a way of the test's choice: Python's own, so that nothing of
/// ours is on both sides.
final class FakeRouter: Sendable {
    private let folder: Folder
    private let process: ChildProcess
    let port: Int

    init(_ behaviour: String = "ok") throws {
        folder = try Folder()
        try folder.write(behaviour, to: "behaviour")
        let script = try folder.write(Self.script, to: "router.py")
        process = try ChildProcess("/usr/bin/env", ["python3", script, folder.path], outputFile: folder.file("output"))
        let (portFile, process) = (folder.file("port"), process)
        let isThere = eventually { FileManager.default.fileExists(atPath: portFile) || !process.isRunning }
        guard isThere, let port = Int((try? String(contentsOfFile: portFile, encoding: .utf8)) ?? "") else {
            throw HarnessError(
                "no fake router: \((try? String(contentsOfFile: folder.file("output"), encoding: .utf8)) ?? "")")
        }
        self.port = port
    }

    deinit { process.end(signal: SIGKILL, timeout_ms: 2000) }

    var url: String { "http://127.0.0.1:\(port)" }

    /// How the next requests are answered.
    func behave(_ behaviour: String) throws { try folder.write(behaviour, to: "behaviour") }

    /// What was asked so far, a line each: the method and the path, or a POST's body.
    var requests: [String] {
        let text = (try? String(contentsOfFile: folder.file("requests"), encoding: .utf8)) ?? ""
        return text.split(separator: "\n").map(String.init)
    }

    func stop() { process.end(signal: SIGKILL, timeout_ms: 2000) }

    /// The distance in an answer is 100 m, plus how many points were asked for; a leg takes 10 s.
    private static let script = #"""
        import http.server, json, os, sys, threading, time

        folder = sys.argv[1]
        lock = threading.Lock()

        def behaviour():
            with open(folder + "/behaviour") as file:
                return file.read()

        def encode(points):
            text, last = "", (0, 0)
            for point in points:
                point = tuple(round(v * 1e6) for v in point)
                for new, old in zip(point, last):
                    step = new - old
                    rest = ~(step << 1) if step < 0 else step << 1
                    while rest >= 32:
                        text += chr((32 | rest & 31) + 63)
                        rest >>= 5
                    text += chr(rest + 63)
                last = point
            return text

        def osrm(points, legs):
            leg = {"distance": 100.5, "duration": 10.25, "steps": [], "summary": "", "weight": 10}
            return {"code": "Ok", "waypoints": [], "routes": [{
                "geometry": {"type": "LineString", "coordinates": points}, "legs": [leg] * legs,
                "distance": 100.5 * legs, "duration": 10.25 * legs, "weight": 10, "weight_name": "duration"}]}

        def valhalla(points, legs):
            places = [(p["lat"], p["lon"]) for p in points]
            parts = [{"maneuvers": [], "shape": encode(places[i:i + 2]), "summary": {"length": 0.1, "time": 10.5}}
                     for i in range(legs)]
            return {"trip": {"locations": points, "legs": parts, "status": 0, "units": "kilometers",
                             "summary": {"length": 0.1 * legs, "time": 10.5 * legs}}}

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            count = 0

            def log_message(self, *arguments):
                pass

            def note(self, text):
                with lock, open(folder + "/requests", "a") as file:
                    file.write(text + "\n")

            def send(self, status, body, headers={}):
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self):
                self.note("GET " + self.path)
                places = self.path.split("/")[-1].split("?")[0].split(";")
                points = [[float(v) for v in place.split(",")] for place in places]
                self.answer(lambda legs: osrm(points, legs), len(points) - 1)

            def do_POST(self):
                text = self.rfile.read(int(self.headers["Content-Length"])).decode()
                self.note("POST " + self.path + " " + text)
                points = json.loads(text)["locations"]
                self.answer(lambda legs: valhalla(points, legs), len(points) - 1)

            def answer(self, make, legs):
                word, _, argument = behaviour().partition(" ")
                try:
                    getattr(self, word)(make, legs, argument)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True

            def ok(self, make, legs, argument):
                self.send(200, json.dumps(make(legs)).encode())

            def late(self, make, legs, argument):
                # Until the test says otherwise.
                while behaviour().startswith("late"):
                    time.sleep(0.01)
                self.ok(make, legs, "")

            def drip(self, make, legs, argument):
                self.send_response(200)
                self.send_header("Content-Length", "1000000")
                self.end_headers()
                for _ in range(1000000):
                    self.wfile.write(b" ")
                    self.wfile.flush()
                    time.sleep(0.02)

            def status(self, make, legs, argument):
                code, _, pause = argument.partition(" ")
                self.send(int(code), b"{}", {"Retry-After": pause} if pause else {})

            def once(self, make, legs, argument):
                # The first is put off, then all is well.
                with open(folder + "/behaviour", "w") as file:
                    file.write("ok")
                self.status(make, legs, argument)

            def body(self, make, legs, argument):
                self.send(200, argument.encode())

            def refuse(self, make, legs, argument):
                self.send(400, argument.encode())

            def wrong(self, make, legs, argument):
                self.send(200, json.dumps(make(legs + int(argument))).encode())

            def huge(self, make, legs, argument):
                self.send_response(200)
                if argument:
                    self.send_header("Content-Length", argument)
                else:
                    self.send_header("Connection", "close")
                    self.close_connection = True
                self.end_headers()
                for _ in range(4096):
                    self.wfile.write(b" " * 65536)

            def mixed(self, make, legs, argument):
                # Most requests are answered; every seventh fails in one of several ways.
                with lock:
                    Handler.count += 1
                    turn = Handler.count
                if turn % 7:
                    self.ok(make, legs, "")
                else:
                    [lambda: self.hang(make, legs, ""), lambda: self.status(make, legs, "500"),
                     lambda: self.status(make, legs, "429"), lambda: self.body(make, legs, "{"),
                     lambda: self.huge(make, legs, "")][turn // 7 % 5]()

            def hang(self, make, legs, argument):
                self.close_connection = True
                self.connection.close()

            def elsewhere(self, make, legs, argument):
                self.send(302, b"", {"Location": self.path + "&again"})

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request, address):
                pass

        server = Server(("127.0.0.1", 0), Handler)
        with open(folder + "/port.new", "w") as file:
            file.write(str(server.server_address[1]))
        os.rename(folder + "/port.new", folder + "/port")
        server.serve_forever()
        """#
}
