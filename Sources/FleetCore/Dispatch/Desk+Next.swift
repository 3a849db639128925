/// Which customer a vehicle is on its way to, or at. Only that one is ever to see where it is: anywhere else it stands at
/// other people's doors.
extension Desk {
    /// Works out anew which stop is a vehicle's next, and has the states of both published where that is another now.
    mutating func updateNext(_ vehicle: Int32) {
        guard let former = runs[vehicle]?.next else { return setNext(nextStop(of: vehicle), of: vehicle) }
        let next = nextStop(of: vehicle)
        guard former != next else { return }
        if deliveries[former] != nil { markDirty(former) }
        setNext(next, of: vehicle)
    }

    private mutating func setNext(_ next: DispatchID?, of vehicle: Int32) {
        runs[vehicle]?.next = next
        if let next { markDirty(next) }
    }

    /// The stop at which the vehicle is, or else the first that is left of its trip once it has set out. Nil while it is in
    /// the circle of another stop, also of one whose delivery has ended, or was not begun. O(stops of the vehicle).
    func nextStop(of vehicle: Int32) -> DispatchID? {
        guard let run = runs[vehicle] else { return nil }
        var first: DispatchID?
        for stop in run.stops {
            guard let delivery = deliveries[stop], delivery.order != nil, delivery.vehicle == vehicle else { continue }
            switch delivery.history.state {
            case .arrived, .servicing: return stop
            case .closed(let closing) where closing.presence == .present: return nil
            case .planned, .assigned, .loaded, .enRoute, .left, .closed, .cancelled: break
            }
            if first == nil, delivery.isUnderWay { first = stop }
        }
        guard let first, deliveries[first]?.history.state == .enRoute, !run.track.head.isElsewhere(than: first) else {
            return nil
        }
        return first
    }
}
