/// Which trace a piece of work belongs to, and which span of it is its parent: W3C Trace Context, level 1, as it travels in
/// the HTTP field `traceparent` and in gRPC metadata of the same name.
///
/// A peer's is read with ``init(parsing:state:)``; ``text`` is what goes to the next peer. What is malformed is no context:
/// the work then begins a trace of its own, and is never refused for it.
public struct TraceContext: Hashable, Sendable {
    /// The name of the field that carries ``text``, and of the one that carries ``state``.
    public static let field = "traceparent"
    public static let stateField = "tracestate"

    /// 128 bits, not all zero.
    public var traceID: TraceID
    /// Not zero.
    public var spanID: SpanID
    /// Whether the caller records its spans.
    public var isSampled: Bool
    /// `tracestate`, handed on as it came.
    public var state: String?

    public init(traceID: TraceID, spanID: SpanID, isSampled: Bool, state: String? = nil) {
        self.traceID = traceID
        self.spanID = spanID
        self.isSampled = isSampled
        self.state = state
    }

    /// Reads a `traceparent`; nil where it is malformed. Versions after 00 may say more at the end, which is passed over, as
    /// the recommendation wants it. A `tracestate` that is too long or holds what no field may is left out.
    public init?(parsing text: String, state: String? = nil) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 55, bytes[2] == 0x2D, bytes[35] == 0x2D, bytes[52] == 0x2D,
            let version = Hexadecimal.read(bytes[0..<2]), version != 0xFF,
            bytes.count == 55 || version > 0 && bytes[55] == 0x2D,
            let high = Hexadecimal.read(bytes[3..<19]), let low = Hexadecimal.read(bytes[19..<35]),
            let span = Hexadecimal.read(bytes[36..<52]), let flags = Hexadecimal.read(bytes[53..<55]),
            let traceID = TraceID(high: high, low: low), let spanID = SpanID(span)
        else { return nil }
        self.init(
            traceID: traceID, spanID: spanID, isSampled: flags & 1 == 1, state: state.flatMap(Self.usable))
    }

    /// `00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01`.
    public var text: String { "00-\(traceID)-\(spanID)-\(isSampled ? "01" : "00")" }

    /// A `tracestate` of up to 512 visible characters, which is what the recommendation asks to be handed on at least.
    private static func usable(_ state: String) -> String? {
        let isUsable =
            !state.isEmpty && state.utf8.count <= 512 && state.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F }
        return isUsable ? state : nil
    }
}

/// 128 bits that all spans of a trace share.
public struct TraceID: Hashable, Sendable, CustomStringConvertible {
    let high: UInt64
    let low: UInt64

    /// Nil for zero, which stands for none.
    public init?(high: UInt64, low: UInt64) {
        guard high != 0 || low != 0 else { return nil }
        self.high = high
        self.low = low
    }

    /// 32 digits, lower case.
    public var description: String { Hexadecimal.text(high) + Hexadecimal.text(low) }
}

/// 64 bits that name a span.
public struct SpanID: Hashable, Sendable, CustomStringConvertible {
    let value: UInt64

    /// Nil for zero, which stands for none.
    public init?(_ value: UInt64) {
        guard value != 0 else { return nil }
        self.value = value
    }

    /// 16 digits, lower case.
    public var description: String { Hexadecimal.text(value) }
}

enum Hexadecimal {
    /// Up to 16 digits, lower case only, as the recommendation demands.
    static func read(_ digits: ArraySlice<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        for digit in digits {
            switch digit {
            case 0x30...0x39: value = value << 4 | UInt64(digit - 0x30)
            case 0x61...0x66: value = value << 4 | UInt64(digit - 0x61 + 10)
            default: return nil
            }
        }
        return value
    }

    static func text(_ value: UInt64) -> String {
        String(unsafeUninitializedCapacity: 16) { buffer in
            for index in 0..<16 {
                let digit = UInt8(truncatingIfNeeded: value >> UInt64(60 - 4 * index) & 0xF)
                buffer[index] = digit < 10 ? 0x30 + digit : 0x61 + digit - 10
            }
            return 16
        }
    }
}
