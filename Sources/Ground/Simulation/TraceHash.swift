/// What happened in a run, in 64 bits: two runs with the same value took the same steps.
struct TraceHash {
    private(set) var value: UInt64 = 0x6A09_E667_F3BC_C909

    mutating func mix(_ number: UInt64) {
        value = (value ^ number) &* 0x9FB2_1C65_1E98_DF25
        value ^= value >> 29
    }

    mutating func mix(_ text: String) {
        for byte in text.utf8 { value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        mix(UInt64(text.utf8.count))
    }
}
