import Core
import Testing

struct ByteCountTests {
    @Test(arguments: [
        ("0", 0), ("512", 512), ("1Ki", 1024), ("64Mi", 67_108_864), ("1.5GiB", 1_610_612_736),
        ("200M", 200_000_000),
        ("2k", 2000), ("1T", 1_000_000_000_000), ("0.1K", 100), ("7B", 7),
    ])
    func `a number with a unit is read`(_ text: String, _ bytes: Int64) {
        #expect(ByteCount(parsing: text)?.bytes == bytes)
    }

    @Test(arguments: [
        "", "Mi", "-1", "1 Mi", "1X", "1mi", "1..5K", "99999999999T", "1e3", "٣Mi", "1Mi ", "0x10", ".",
    ])
    func `what is no number of bytes is refused`(_ text: String) {
        #expect(ByteCount(parsing: text) == nil)
    }

    @Test(arguments: [
        (0, "0"), (1023, "1023"), (1024, "1Ki"), (1536, "1.5Ki"), (67_108_864, "64Mi"),
        (24_000_000_000, "22.4Gi"),
        (-2048, "-2Ki"),
    ])
    func `the shortest form is written`(_ bytes: Int64, _ text: String) {
        #expect(ByteCount(bytes).description == text)
    }
}
