import Testing
import Wire

@testable import FleetCore

@Suite struct `A stop that changes vehicles` {
    /// Dispatch moved the stop at 100 s; both routes say so, and are received up to minutes later.
    private func lines(delay: Double, removalFirst: Bool) throws -> [String] {
        var script = Script()
        script.order("O1", at: 3000, received: 1)
        script.order("O2", at: 6000, received: 2)
        script.route("R1", "V1", ["O1", "O2"], "\"updated\":\(milliseconds(3))", received: 3)
        script.route("R2", "V2", [], "\"updated\":\(milliseconds(3))", received: 4)
        let updated = "\"updated\":\(milliseconds(100))"
        if removalFirst { script.route("R1", "V1", ["O2"], updated, received: 100 + delay) }
        script.route("R2", "V2", ["O1"], updated, received: 101 + delay)
        if !removalFirst { script.route("R1", "V1", ["O2"], updated, received: 102 + delay) }
        script.driver("V2", "delivered", at: 500, "\"stop\":\"O1\",\"proof\":{\"recipient\":\"Lin\"}", received: 700)
        script.tick(701)
        return dispatchLines(try outcomes(of: script.frames, shards: 1)).filter { $0.contains("O1") }
    }

    @Test(arguments: [0.0, 1, 60, 300], [true, false])
    func `is the new one's, however late the routes come and whichever is first`(delay: Double, removalFirst: Bool)
        throws
    {
        let lines = try lines(delay: delay, removalFirst: removalFirst)
        // Nobody saw the vehicle there, which is told after the word.
        #expect(lines.contains("delivery.delivered O1 @500"), "\(lines)")
        let reason = removalFirst ? "off_route" : "reassigned"
        #expect(lines.filter { $0.hasPrefix("delivery.unassigned") } == ["delivery.unassigned O1 \(reason) @100"])
    }
}
