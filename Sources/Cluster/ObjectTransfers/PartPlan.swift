/// How something large is cut into parts.
public struct PartPlan: Hashable, Sendable {
    /// From so many bytes on it is.
    public static let threshold: Int64 = 64 << 20
    /// As S3 has it.
    public static let mostParts: Int64 = 10_000
    private static let leastPart: Int64 = 16 << 20
    private static let unit: Int64 = 1 << 20

    public let size: Int64
    /// Of all parts but the last.
    public let partSize: Int64

    /// Parts as large as it takes for a whole of any size to have no more than there may be.
    public init(size: Int64) {
        let least = (size + Self.mostParts - 1) / Self.mostParts
        self.init(size: size, partSize: max(Self.leastPart, (least + Self.unit - 1) / Self.unit * Self.unit))
    }

    public init(size: Int64, partSize: Int64) {
        precondition(size > 0 && partSize > 0)
        self.size = size
        self.partSize = partSize
    }

    public var count: Int { Int((size + partSize - 1) / partSize) }

    /// The bytes of a part; they are counted from 1.
    public func range(_ number: Int) -> Range<Int64> {
        let start = Int64(number - 1) * partSize
        return start..<min(start + partSize, size)
    }
}
