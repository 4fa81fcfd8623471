/// Tar archives of a short description, so that an input need not get checksums right. A member is a line: the byte that tar has for its
/// type (`0` a file, `1` another name, `2` a link, `5` a folder, `L` a long name, `x` extended fields), its name, a tab, what it links
/// to, a tab, and its bytes.
enum TarText {
    /// Parts the layers of an image.
    static let nextLayer: UInt8 = 0x0C

    static func archive(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var archive: [UInt8] = []
        for line in text.split(separator: 0x0A) {
            let parts = line.dropFirst().split(
                separator: 0x09, maxSplits: 2, omittingEmptySubsequences: false)
            let bytes = parts.count > 2 ? parts[2] : []
            archive += header(line.first!, parts[0], parts.count > 1 ? parts[1] : [], size: bytes.count)
            archive += bytes
            archive += [UInt8](repeating: 0, count: (512 - bytes.count % 512) % 512)
        }
        return archive + [UInt8](repeating: 0, count: 1024)
    }

    /// As POSIX has it (pax, "ustar Interchange Format").
    private static func header(
        _ type: UInt8, _ name: ArraySlice<UInt8>, _ target: ArraySlice<UInt8>, size: Int
    ) -> [UInt8] {
        var header = [UInt8](repeating: 0, count: 512)
        func put(_ bytes: some Collection<UInt8>, at offset: Int, _ length: Int) {
            for (index, byte) in bytes.prefix(length).enumerated() { header[offset + index] = byte }
        }
        func octal(_ number: Int, _ digits: Int) -> [UInt8] {
            let text = String(number, radix: 8)
            return Array((String(repeating: "0", count: digits - text.count) + text).utf8)
        }
        put(name, at: 0, 100)
        put(octal(0o644, 7), at: 100, 8)
        put(octal(0, 7), at: 108, 8)
        put(octal(0, 7), at: 116, 8)
        put(octal(size, 11), at: 124, 12)
        put(octal(0, 11), at: 136, 12)
        put(Array(repeating: 0x20, count: 8), at: 148, 8)
        header[156] = type
        put(target, at: 157, 100)
        put(Array("ustar\0".utf8) + Array("00".utf8), at: 257, 8)
        put(octal(header.reduce(0) { $0 + Int($1) }, 6) + [0, 0x20], at: 148, 8)
        return header
    }
}
