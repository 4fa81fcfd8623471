import Core
import Testing

@testable import Terminal

@Suite struct ProgressTests {
    private let clock = HandClock()

    private func display(_ recorder: Recorder, _ fallback: ProgressDisplay.Fallback = .silent)
        -> ProgressDisplay
    {
        ProgressDisplay(output: recorder.output, clock: clock, fallback: fallback)
    }

    @Test func `nothing shows during the first second`() {
        let recorder = Recorder(isTerminal: true)
        let display = display(recorder)
        let bar = display.start("image", total: 100)
        clock.advance(.milliseconds(999))
        bar.update(50)
        #expect(recorder.written == "")
        display.close(.kept)
        #expect(recorder.written == "")
    }

    @Test func `a bar has its amounts, its rate and the time left`() {
        let recorder = Recorder(isTerminal: true)
        let display = display(recorder)
        let bar = display.start("image", total: 8 << 20)
        clock.advance(.seconds(2))
        bar.update(2 << 20)
        #expect(
            recorder.written
                == "image  [====>                  ]   25%  2.0MiB/8.0MiB  1.0MiB/s  6s left\u{1b}[K")
    }

    @Test func `it is drawn at most ten times a second`() {
        let recorder = Recorder(isTerminal: true)
        let display = display(recorder)
        let bar = display.start("image", total: 10_000)
        clock.advance(.seconds(1))
        for step in 1...1000 {
            bar.update(Int64(step))
            clock.advance(.milliseconds(1))
        }
        #expect((10...11).contains(recorder.written.split(separator: "\u{1b}[K").count))
    }

    @Test func `several bars are redrawn in place, with their parts below each other`() {
        let recorder = Recorder(isTerminal: true)
        let display = display(recorder)
        let first = display.start("layer 1", total: 1000)
        let second = display.start("layer two", total: 1 << 20)
        clock.advance(.seconds(2))
        first.update(1000)
        recorder.clear()
        clock.advance(.milliseconds(200))
        second.update(1 << 19)
        #expect(
            recorder.written == """
                \r\u{1b}[1Alayer 1    [=================]  100%      1000B/1000B  454B/s\u{1b}[K
                layer two  [=======>         ]   50%  512.0KiB/1.0MiB  232.7KiB/s  3s left\u{1b}[K
                """)
    }

    @Test func `it leaves nothing behind, or its last state`() {
        for ending in [ProgressDisplay.Ending.erased, .kept] {
            let recorder = Recorder(isTerminal: true)
            let display = display(recorder)
            let bar = display.start("image", total: 10, unit: .items("files"))
            clock.advance(.seconds(2))
            bar.update(5)
            bar.finish()
            recorder.clear()
            display.close(ending)
            switch ending {
            case .erased: #expect(recorder.written == "\r\u{1b}[J")
            case .kept: #expect(recorder.written.hasSuffix("100%  10/10 files  done\u{1b}[K\n"))
            }
            recorder.clear()
            bar.update(7)
            display.print("late")
            #expect(recorder.written == "")
        }
    }

    @Test func `lines are written above the bars`() {
        let recorder = Recorder(isTerminal: true)
        let display = display(recorder)
        _ = display.start("image", total: 10)
        display.print("before")
        #expect(recorder.written == "before\n")
        clock.advance(.seconds(1))
        display.refresh()
        recorder.clear()
        display.print("between")
        #expect(recorder.written.hasPrefix("\r\u{1b}[Jbetween\nimage"))
    }

    @Test(arguments: [1, 2, 5, 20, 40, 80, 200], [1, 2, 10, 50])
    func `no line is wider, and no display taller, than the terminal`(columns: Int, rows: Int) {
        let recorder = Recorder(isTerminal: true, columns: columns, rows: rows)
        let display = display(recorder)
        for index in 0..<30 {
            display.start("a long label of layer 竹 \(index)", total: index % 3 == 0 ? nil : 1 << 30).update(
                1 << 28)
        }
        clock.advance(.seconds(3))
        recorder.clear()
        display.refresh()
        let lines = recorder.written.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count <= max(1, rows - 1))
        for line in lines {
            let text = line.split(separator: "\u{1b}[K", omittingEmptySubsequences: false).joined()
            #expect(text.displayWidth < columns || columns == 1)
        }
    }

    @Test func `without a terminal it is silent, or writes lines now and then`() {
        let silent = Recorder()
        let quiet = display(silent)
        clock.advance(.seconds(20))
        quiet.start("image", total: 10).update(5)
        #expect(silent.written == "")

        let recorder = Recorder()
        let display = display(recorder, .lines(every: .seconds(5)))
        let bar = display.start("image", total: 100, unit: .items("files"))
        clock.advance(.seconds(5))
        bar.update(50)
        bar.update(60)
        bar.finish()
        #expect(
            recorder.written
                == "image: 50%, 50/100 files, 10.0/s, 5s left\nimage: 100%, 100/100 files, done\n")
    }

    @Test func `labels from outside cannot act on the terminal`() {
        let recorder = Recorder(isTerminal: true)
        let display = display(recorder)
        _ = display.start("evil\u{1b}[2J\nlabel", total: 10)
        clock.advance(.seconds(2))
        display.refresh()
        #expect(recorder.written.hasPrefix("evil\\u{1b}[2J\\nlabel"))
    }

    @Test func `the work goes on where the screen is gone`() {
        let recorder = Recorder(isTerminal: true)
        let display = display(recorder)
        let bar = display.start("image", total: 10)
        clock.advance(.seconds(2))
        recorder.close()
        bar.update(5)
        clock.advance(.seconds(1))
        bar.update(6)
        display.close(.kept)
    }

    @Test func `what the body throws comes out, and the bars are gone`() async {
        let recorder = Recorder(isTerminal: true)
        let clock = clock
        await #expect(throws: ApolloError(.notFound, "x")) {
            try await withProgress(on: recorder.output, clock: clock) { display in
                let bar = display.start("image", total: 10)
                clock.advance(.seconds(2))
                bar.update(1)
                throw ApolloError(.notFound, "x")
            }
        }
        #expect(recorder.written.hasSuffix("\r\u{1b}[J"))
    }

    @Test func `a rate forgets what is long past, and a restart`() {
        var rate = ProgressRate()
        var time = MonotonicInstant(nanoseconds: 0)
        rate.record(0, at: time)
        for _ in 0..<100 {
            time = time.advanced(by: .seconds(1))
            rate.record(1000, at: time)
        }
        #expect(rate.perSecond(at: time) == 0)
        rate.record(10, at: time)
        #expect(rate.perSecond(at: time) == nil)
    }
}
