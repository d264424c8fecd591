/// A repeatable source of random numbers (SplitMix64): the same ones for a seed, everywhere.
package struct Randomness: RandomNumberGenerator {
    private var state: UInt64

    /// The numbers of a seed.
    package init(seed: some BinaryInteger) { state = UInt64(truncatingIfNeeded: seed) }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    /// One of the elements of a list that is not empty.
    package mutating func one<T>(of list: [T]) -> T { list[Int.random(in: list.indices, using: &self)] }

    /// True once in `number` times.
    package mutating func oneIn(_ number: Int) -> Bool { Int.random(in: 0..<number, using: &self) == 0 }
}
