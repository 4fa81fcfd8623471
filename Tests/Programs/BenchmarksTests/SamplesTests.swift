import Benchmarks
import Testing

@Suite struct `Samples of a run` {
    @Test func `the median of an odd number is the one in the middle`() {
        #expect(Samples([9, 1, 5]).median == 5)
        #expect(Samples([4]).median == 4)
    }

    @Test func `the median of an even number is the mean of the two in the middle`() {
        #expect(Samples([1, 9, 3, 5]).median == 4)
    }

    @Test func `one outlier moves the spread and not the median`() {
        let samples = Samples([10, 11, 12, 13, 5000])
        #expect(samples.median == 12)
        #expect(samples.spread == 10...5000)
    }

    @Test func `percentiles are values that were measured`() {
        let samples = Samples((1...200).map(Double.init))
        #expect(samples.percentile(0.5) == 100)
        #expect(samples.percentile(0.99) == 198)
        #expect(samples.percentile(1) == 200)
        #expect(samples.percentile(0) == 1)
        #expect(Samples([7]).percentile(0.99) == 7)
    }
}
