import Geo
import TestSupport
import Testing
import Wire

@testable import Forecast

@Suite struct `Time slots` {
    @Test func `local time of the week gives slot and part`() {
        #expect(TimeSlots.slot(at: clock(0, 0), zone: taipei) == 0)
        #expect(TimeSlots.slot(at: clock(0, 8.5), zone: taipei) == 17)
        #expect(TimeSlots.slot(at: clock(4, 23.99), zone: taipei) == 47)
        #expect(TimeSlots.slot(at: clock(5, 0), zone: taipei) == 48)
        #expect(TimeSlots.slot(at: clock(6, 23.9), zone: taipei) == 95)
        #expect(TimeSlots.slot(at: clock(-7, 8.5), zone: taipei) == 17)
        #expect(TimeSlots.partNames[TimeSlots.part(at: clock(2, 8), zone: taipei)] == "weekday_07")
        #expect(TimeSlots.partNames[TimeSlots.part(at: clock(5, 16.9), zone: taipei)] == "weekend_11")
        #expect(TimeSlots.name(ofSlot: 17) == "weekday_08:30" && TimeSlots.name(ofSlot: 48) == "weekend_00:00")
        for time in [Int64.min, -1, 0, Int64.max] { _ = TimeSlots.slot(at: time, zone: taipei) }
    }
}

@Suite struct `Learned speeds` {
    private let north = SegmentKey(latitude: 25.04, longitude: 121.52, octant: 0)
    private let south = SegmentKey(latitude: 25.04, longitude: 121.52, octant: 4)

    private func pass(
        _ speeds: inout SpeedModel, _ key: SegmentKey, at time_ms: Int64, kmh: Double, vehicle: String = "V",
        base_s: Double? = nil
    ) {
        speeds.observe(
            key, vehicle: Array(vehicle.utf8), at: time_ms, distance_m: 250, time_s: 250 * 3.6 / kmh, base_s: base_s,
            zone: taipei)
    }

    @Test func `with nothing learned all is the prior`() {
        let speeds = SpeedModel()
        #expect(abs(speeds.pace_s_m(north, at: clock(0, 8), zone: taipei) - 0.144) < 1e-9)
        #expect(speeds.vehicleRatio([1]) == 1)
        #expect(abs(speeds.drivenLength_m(straight_m: 2000) - 2700) < 1e-6)
    }

    @Test func `a segment converges to its own speed, and its counter-direction does not`() {
        var speeds = SpeedModel()
        var last = Double.infinity
        // The rest of the fleet drives at 30.
        for i in 0..<200 {
            let other = SegmentKey(latitude: 25.1 + Double(i) * 0.005, longitude: 121.5, octant: 2)
            pass(&speeds, other, at: clock(0, 10) + Int64(i), kmh: 30)
        }
        for round in 0..<30 {
            pass(&speeds, north, at: clock(0, 10) + Int64(round), kmh: 12)
            let error = abs(speeds.pace_s_m(north, at: clock(0, 10), zone: taipei) - 0.3)
            if round % 10 == 9 {
                #expect(error < last)
                last = error
            }
        }
        #expect(abs(3.6 / speeds.pace_s_m(north, at: clock(0, 10), zone: taipei) - 12) < 2)
        #expect(abs(3.6 / speeds.pace_s_m(south, at: clock(0, 10), zone: taipei) - 30) < 3)
        speeds.checkInvariants()
    }

    @Test func `rush hours are slower, for the fleet and for a segment of its own`() {
        var speeds = SpeedModel()
        for day in 0..<4 {
            for i in 0..<60 {
                let key = SegmentKey(latitude: 25 + Double(i % 20) * 0.01, longitude: 121.5, octant: 2)
                pass(&speeds, key, at: clock(day, 8) + Int64(i * 10_000), kmh: 15)
                pass(&speeds, key, at: clock(day, 14) + Int64(i * 10_000), kmh: 30)
                pass(&speeds, north, at: clock(day, 8) + Int64(i * 10_000), kmh: 6)
                pass(&speeds, north, at: clock(day, 14) + Int64(i * 10_000), kmh: 30)
            }
        }
        func kmh(_ key: SegmentKey, _ hour: Double) -> Double {
            3.6 / speeds.pace_s_m(key, at: clock(1, hour), zone: taipei)
        }
        let other = SegmentKey(latitude: 24, longitude: 121.5, octant: 2)
        #expect(kmh(other, 14) > 1.6 * kmh(other, 8))
        #expect(kmh(north, 14) > 3.5 * kmh(north, 8))
        #expect(abs(kmh(north, 8) - 6) < 1.5 && abs(kmh(north, 14) - 30) < 6)
    }

    @Test func `a slow vehicle is not blamed on the roads`() {
        var speeds = SpeedModel()
        var random = SplitMix64(seed: 5)
        for i in 0..<3000 {
            let key = SegmentKey(latitude: 25 + Double(i % 30) * 0.01, longitude: 121.5, octant: 2)
            let isSlow = random.unit() < 0.3
            pass(
                &speeds, key, at: clock(0, 10) + Int64(i), kmh: isSlow ? 20 : 30, vehicle: isSlow ? "slow" : "usual")
        }
        let ratio = speeds.vehicleRatio(Array("slow".utf8)) / speeds.vehicleRatio(Array("usual".utf8))
        #expect(abs(ratio - 1.5) < 0.15)
    }

    @Test func `a router's times are calibrated by time of day`() {
        var speeds = SpeedModel()
        for i in 0..<500 {
            pass(&speeds, north, at: clock(0, 8) + Int64(i), kmh: 15, base_s: 20)
            pass(&speeds, north, at: clock(0, 22) + Int64(i), kmh: 30, base_s: 20)
        }
        #expect(abs(speeds.routerFactor(part: TimeSlots.part(at: clock(0, 8), zone: taipei)) - 3) < 0.3)
        #expect(abs(speeds.routerFactor(part: TimeSlots.part(at: clock(0, 22), zone: taipei)) - 1.5) < 0.2)
    }

    @Test func `trips without a path teach the detour and the speed`() {
        var speeds = SpeedModel()
        for i in 0..<100 {
            speeds.observeTrip(
                straight_m: 2000, driven_m: 3200, time_s: 480, at: clock(0, 10) + Int64(i), zone: taipei)
        }
        #expect(abs(speeds.drivenLength_m(straight_m: 2000) - 3200) < 60)
        #expect(abs(speeds.open.pace_s_m(slot: 20) - 0.15) < 0.005)
    }

    @Test func `what cannot be teaches nothing`() {
        var speeds = SpeedModel()
        let before = speeds
        for (distance, time) in [(0.0, 10.0), (250, 0), (250, -1), (250, .nan), (.nan, 10), (250, 1e9), (1e9, 1)] {
            speeds.observe(
                north, vehicle: [1], at: clock(0, 8), distance_m: distance, time_s: time, base_s: nil, zone: taipei)
            speeds.observeTrip(straight_m: distance, driven_m: distance, time_s: time, at: 0, zone: taipei)
        }
        #expect(speeds == before)
    }

    @Test(arguments: UInt64(1)...5) func `memory is bounded, and what is dropped follows from the calls`(_ seed: UInt64)
    {
        var random = SplitMix64(seed: seed)
        var a = SegmentSpeeds(limit: 20)
        var b = SegmentSpeeds(limit: 20)
        let favourite = SegmentKey(latitude: 1, longitude: 1, octant: 1)
        for _ in 0..<500 {
            let key = SegmentKey(latitude: random.double(20...26), longitude: 121, octant: 0)
            for key in [key, favourite] {
                a.observe(key, part: 3, time_s: 30, expected_s: 20)
                b.observe(key, part: 3, time_s: 30, expected_s: 20)
            }
            a.checkInvariants()
        }
        #expect(a == b && a.count == 20)
        // What is used all the time stays.
        #expect(a.index.place(of: favourite) != nil, "seed \(seed)")
    }

    @Test(arguments: UInt64(1)...20) func `the middle of a cell has the cell's key`(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<200 {
            let key = SegmentKey(
                latitude: random.double(-90...90), longitude: random.double(-180...180), octant: Int(seed) % 8)
            let center = key.center
            #expect(SegmentKey(latitude: center.latitude, longitude: center.longitude, octant: key.octant) == key)
            #expect(SegmentKey(raw: key.raw) == key)
        }
        #expect(SegmentKey(raw: .max) == nil && SegmentKey(raw: 8) == nil)
        let heights = (0..<100).map { SegmentKey(latitude: 25 + Double($0) * 0.000_225, longitude: 121, octant: 0).raw }
        #expect((10...12).contains(Set(heights).count))
    }
}
