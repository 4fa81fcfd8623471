import Configuration
import Core
import Documents
import YAML

/// Feeds bytes to the reader of configuration files (https://llvm.org/docs/LibFuzzer.html): YAML to document, document
/// to settings. Whatever they are, they are read or refused; and what is read is written and read back the same.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzConfiguration(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    do throws(YAMLError) {
        let document = try YAMLReader(maximumSize: 1 << 16).read(bytes, file: "fuzz.yaml")
        checkPlaces(of: document, in: bytes)
        checkWriting(of: document)
        checkSettings(of: document)
    } catch {
        if let location = error.location { precondition(location.line > 0 && location.column > 0) }
        precondition(!error.problem.isEmpty)
    }
    return 0
}

/// Every place lies within the text.
private func checkPlaces(of document: Document, in bytes: [UInt8]) {
    // Lines end with CR, LF, NEL, LS and PS, too: no more lines than bytes, and one.
    for location in [document.keyLocations, document.valueLocations].flatMap(\.values) {
        precondition(location.line >= 1 && location.line <= bytes.count + 1)
        precondition(location.column >= 1 && location.column <= bytes.count + 1)
    }
}

private func checkWriting(of document: Document) {
    let text = YAMLWriter.text(of: document.value)
    do throws(YAMLError) {
        let again = try YAMLReader(maximumSize: .max).read(Array(text.utf8))
        precondition(again.value == document.value, "written and read back as something else:\n\(text)")
    } catch {
        preconditionFailure("what is written cannot be read: \(error)\n\(text)")
    }
}

private func checkSettings(of document: Document) {
    let loader = ConfigurationLoader(
        settings: PlatformSettings.all, host: HostFacts(variables: [:], userID: 1000, home: "/h/ada"),
        readFile: { _ throws(ApolloError) in nil })
    do throws(ApolloError) {
        let configuration = try loader.resolve(document)
        precondition(configuration.entries.count == PlatformSettings.all.all.count)
        precondition((1...10_000_000).contains(configuration[PlatformSettings.tasksMaximum]))
    } catch {
        precondition(error.kind == .invalid && !error.fields.isEmpty)
    }
}
