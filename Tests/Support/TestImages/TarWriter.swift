/// Writes a tar archive (POSIX.1-2017, pax, "ustar Interchange Format").
public struct TarWriter {
    private var bytes: [UInt8] = []

    public init() {}

    public mutating func add(file name: String, _ content: [UInt8], mode: Int = 0o644) {
        append(name, mode: mode, size: content.count, type: "0", target: "")
        bytes += content
        bytes += [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
    }

    public mutating func add(directory name: String, mode: Int = 0o755) {
        append(name + "/", mode: mode, size: 0, type: "5", target: "")
    }

    public mutating func add(link name: String, to target: String) {
        append(name, mode: 0o777, size: 0, type: "2", target: target)
    }

    /// A second name of a file.
    public mutating func add(name: String, of target: String) {
        append(name, mode: 0o644, size: 0, type: "1", target: target)
    }

    /// A character device; its numbers are 0.
    public mutating func add(device name: String) {
        append(name, mode: 0o644, size: 0, type: "3", target: "")
    }

    public mutating func finish() -> [UInt8] { bytes + [UInt8](repeating: 0, count: 1024) }

    private mutating func append(_ name: String, mode: Int, size: Int, type: Character, target: String) {
        var header = [UInt8](repeating: 0, count: 512)
        func put(_ text: String, at offset: Int) {
            header.replaceSubrange(offset..<offset + text.utf8.count, with: text.utf8)
        }
        func octal(_ value: Int, _ width: Int) -> String {
            let digits = String(value, radix: 8)
            return String(repeating: "0", count: width - digits.count) + digits
        }
        precondition(name.utf8.count <= 100 && target.utf8.count <= 100)
        put(name, at: 0)
        put(octal(mode, 7), at: 100)
        put(octal(0, 7), at: 108)
        put(octal(0, 7), at: 116)
        put(octal(size, 11), at: 124)
        put(octal(0, 11), at: 136)
        put("        ", at: 148)
        put(String(type), at: 156)
        put(target, at: 157)
        put("ustar", at: 257)
        put("00", at: 263)
        put(octal(header.reduce(0) { $0 + Int($1) }, 6) + "\0 ", at: 148)
        bytes += header
    }
}
