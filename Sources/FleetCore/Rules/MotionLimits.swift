/// The limits of all rules about how vehicles are driven.
package struct MotionLimits: Sendable, Equatable, BitwiseCopyable {
    package var trip = TripLimits()
    package var idle = IdleLimits()
    package var parking = ParkingLimits()
    package var speeding = SpeedingLimits()
    package var harsh = HarshLimits()
    package var crash = CrashLimits()
    package var alarms = AlarmLimits()
    package var tow = TowLimits()
    package var utilisation = UtilisationLimits()
    package var score = ScoreLimits()

    package init() {}
}
