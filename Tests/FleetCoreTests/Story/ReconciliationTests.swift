import TestSupport
import Testing
import Wire

@testable import FleetCore

/// What becomes of the events of a story that is told again.
@Suite struct `Reconciliation of two tellings` {
    private func hash(_ number: UInt64) -> Hash128 { Hash128(high: 7, low: number) }

    /// An event that was published under its own id, as `identity`, unless it says otherwise.
    private func told(
        _ identity: UInt64, published: UInt64? = nil, content: UInt64 = 0, evidence: UInt64 = 0, subject: UInt64 = 0,
        at time: Int64 = 0, type: EventType = .geofenceEntered, _ standing: Told.Standing = .holds
    ) -> Told {
        Told(
            identity: hash(identity), published: hash(published ?? identity), content: content, evidence: evidence,
            subject: subject, time_ms: time, cause_ms: time, type: type, standing: standing)
    }

    @Test func `what is told as before is known`() {
        let story = [told(1, at: 10), told(2, at: 20)]
        let result = Reconciliation(old: story, new: story)
        #expect(result.verdicts == [.known, .known])
        #expect(result.partners == [0, 1])
        #expect(result.retracted == [])
    }

    @Test func `what nothing was like is new`() {
        let result = Reconciliation(old: [told(1, subject: 1)], new: [told(1, subject: 1), told(2, subject: 2)])
        #expect(result.verdicts == [.known, .new])
        #expect(result.partners == [0, nil])
    }

    @Test func `the same happening told otherwise corrects what was published of it`() {
        let result = Reconciliation(old: [told(1, published: 9, content: 1)], new: [told(1, content: 2)])
        #expect(result.verdicts == [.corrects(hash(9))])
        #expect(result.retracted == [])
        // At another time too.
        #expect(Reconciliation(old: [told(1, at: 5)], new: [told(1, at: 6)]).verdicts == [.corrects(hash(1))])
    }

    @Test func `another happening takes the place of one of its type and subject, at its time before others`() {
        let old = [told(1, subject: 3, at: 10), told(2, subject: 3, at: 20), told(3, subject: 4, at: 20)]
        let new = [told(5, subject: 3, at: 20)]
        let result = Reconciliation(old: old, new: new)
        #expect(result.verdicts == [.corrects(hash(2))])
        #expect(result.retracted == [0, 2])
        let later = Reconciliation(old: old, new: [told(5, subject: 3, at: 30)])
        #expect(later.verdicts == [.corrects(hash(1))])
        let otherType = Reconciliation(old: old, new: [told(5, subject: 3, at: 20, type: .geofenceExited)])
        #expect(otherType.verdicts == [.new])
        #expect(otherType.retracted == [0, 1, 2])
    }

    @Test func `what still holds is never taken for the place of something else`() {
        let old = [told(1, subject: 3, at: 10), told(2, subject: 3, at: 20)]
        let result = Reconciliation(old: old, new: [told(7, subject: 3, at: 20), told(2, subject: 3, at: 20)])
        #expect(result.verdicts == [.corrects(hash(1)), .known])
        #expect(result.retracted == [])
    }

    @Test func `nothing told takes everything back that holds, once`() {
        let old = [told(1), told(2, .retracted), told(3, .superseded), told(4, .closed)]
        #expect(Reconciliation(old: old, new: []).retracted == [0])
        #expect(Reconciliation(old: [], new: []).verdicts == [])
    }

    @Test func `what was taken back and holds after all corrects that`() {
        let result = Reconciliation(old: [told(1, published: 8, .retracted)], new: [told(1)])
        #expect(result.verdicts == [.corrects(hash(8))])
        #expect(result.partners == [0])
        #expect(result.retracted == [])
    }

    @Test func `what another one came in place of returns with an id made from that one's`() {
        let old = [told(1, published: 2, subject: 3, .superseded), told(2, subject: 3)]
        // Both hold now: the one that was told goes on, and the other comes beside it.
        let both = Reconciliation(old: old, new: [told(1, subject: 3), told(2, subject: 3)])
        #expect(both.verdicts == [.returns(after: hash(2)), .known])
        // Only the first holds: it takes the place of the second.
        let first = Reconciliation(old: old, new: [told(1, subject: 3)])
        #expect(first.verdicts == [.corrects(hash(2))])
        #expect(first.partners == [1])
    }

    @Test func `of several that are gone the last counts`() {
        let old = [told(1, published: 5, .retracted), told(1, published: 6, .superseded)]
        #expect(Reconciliation(old: old, new: [told(1)]).verdicts == [.returns(after: hash(6))])
    }

    @Test func `an event about a fence that is no more stays as it was told`() {
        let old = [told(1, published: 9, content: 1, subject: 3, .closed)]
        let result = Reconciliation(old: old, new: [])
        #expect(result.retracted == [])
        let other = Reconciliation(old: old, new: [told(2, subject: 3)])
        #expect(other.verdicts == [.new])
        let same = Reconciliation(old: old, new: [told(1, content: 2, subject: 3)])
        #expect(same.verdicts == [.known])
        #expect(same.partners == [0])
    }

    @Test func `evidence that was dropped from the track since is no reason to tell an event again`() {
        let old = [told(1, evidence: 77)]
        #expect(Reconciliation(old: old, new: [told(1, evidence: 77)]).verdicts == [.known])
        #expect(Reconciliation(old: old, new: [told(1, evidence: 78)]).verdicts == [.corrects(hash(1))])
        #expect(Reconciliation(old: old, new: [told(1)]).verdicts == [.known])
        #expect(Reconciliation(old: old, new: [told(1, content: 2)]).verdicts == [.corrects(hash(1))])
    }

    /// Whatever is told, and however it changes from one telling to the next.
    @Test(arguments: seeds(200)) func `no old event is used twice, and what holds is known, corrected or taken back`(
        _ seed: UInt64
    ) {
        var random = SplitMix64(seed: seed)
        func event(_ standings: [Told.Standing]) -> Told {
            told(
                UInt64(random.int(1...6)), published: random.next(), content: UInt64(random.int(1...2)),
                subject: UInt64(random.int(1...2)), at: Int64(random.int(1...3)),
                type: random.pick([.geofenceEntered, .geofenceExited]), random.pick(standings))
        }
        var identities: Set<Hash128> = []
        let old = (0..<random.int(0...8)).map { _ in event([.holds, .holds, .retracted, .superseded, .closed]) }
            .filter { identities.insert($0.identity).inserted }
        identities = []
        let new = (0..<random.int(0...8)).map { _ in event([.holds]) }
            .filter { identities.insert($0.identity).inserted }
        let result = Reconciliation(old: old, new: new)
        let partners = result.partners.compactMap(\.self)
        #expect(Set(partners).count == partners.count, "seed \(seed)")
        for index in old.indices where old[index].standing == .holds {
            #expect(partners.contains(index) != result.retracted.contains(index), "seed \(seed)")
        }
        #expect(result.retracted.allSatisfy { old[$0].standing == .holds }, "seed \(seed)")
        for (index, verdict) in result.verdicts.enumerated() {
            switch verdict {
            case .known: #expect(result.partners[index].map { old[$0].identity } == new[index].identity, "seed \(seed)")
            case .new: #expect(!old.contains { $0.identity == new[index].identity }, "seed \(seed)")
            case .corrects(let id), .returns(let id):
                #expect(result.partners[index].map { old[$0].published } == id, "seed \(seed)")
            }
        }
    }

    /// A happening that is told, taken back and told again, over and over.
    @Test func `ids that follow one another never repeat`() {
        var published: Set<Hash128> = [hash(1)]
        var former = hash(1)
        for round in 0..<200 {
            let next = told(
                UInt64(round % 3 + 1), content: UInt64(round % 2), round.isMultiple(of: 2) ? .holds : .retracted)
            former = Engine.followingID(next, former)
            #expect(published.insert(former).inserted, "round \(round)")
        }
    }
}
