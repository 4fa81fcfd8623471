import Documents
import HTTPModel
import HTTPRouting
import Testing

@Suite struct OpenAPITests {
    private let shop = Shop()

    private func document() async throws -> JSONValue {
        let answer = try await shop.exchange.send(.get, "/api/v1/openapi.json")
        #expect(answer.status == .ok)
        return try answer.json()
    }

    @Test func `every route is in the document, and every parameter of it`() async throws {
        let document = try await document()
        #expect(document["openapi"] == "3.1.0")
        var operations: Set<String> = []
        for route in shop.router.routes where !route.isHidden {
            let path = try #require(document["paths"]?[route.pattern.description])
            let operation = try #require(path[route.method.rawValue.lowercased()])
            #expect(operation["operationId"]?.string == route.operation)
            operations.insert(route.operation)
            let listed = (operation["parameters"]?.array ?? []).map {
                "\($0["in"]?.string ?? "") \($0["name"]?.string ?? "") \($0["required"]?.bool ?? false)"
            }
            #expect(listed == route.parameters.map { "\($0.place.rawValue) \($0.name) \($0.isRequired)" })
            #expect((operation["requestBody"] != nil) == (route.body != nil))
            for response in route.responses {
                #expect(operation["responses"]?["\(response.status.rawValue)"]?["description"] != nil)
            }
            #expect(operation["responses"]?["default"]?["$ref"] == "#/components/responses/Problem")
            #expect((operation["security"] == []) == route.access.isOpen)
        }
        let count = document["paths"]?.object?.members.reduce(0) { $0 + ($1.value.object?.count ?? 0) }
        #expect(count == operations.count)
        #expect(operations.contains("getOpenAPI"))
        #expect(document["paths"]?["/files/{path}"] == nil)
    }

    @Test func `every reference leads somewhere`() async throws {
        let document = try await document()
        var references: Set<String> = []
        func walk(_ value: JSONValue) {
            switch value {
            case .object(let object):
                for member in object.members {
                    if member.key == "$ref", let target = member.value.string { references.insert(target) }
                    walk(member.value)
                }
            case .array(let values): values.forEach(walk)
            default: break
            }
        }
        walk(document)
        #expect(references.contains("#/components/schemas/Thing"))
        for reference in references {
            let steps = reference.split(separator: "/")
            #expect(steps.first == "#")
            let target = steps.dropFirst().reduce(document as JSONValue?) { $0?[String($1)] }
            #expect(target?.object?.isEmpty == false, "\(reference) leads nowhere")
        }
    }

    @Test func `paths name exactly the path parameters they have`() async throws {
        for member in try #require(try await document()["paths"]?.object).members {
            let names = member.key.split(separator: "/").filter { $0.hasPrefix("{") }.map {
                String($0.dropFirst().dropLast())
            }
            for operation in member.value.object?.members ?? [] {
                let listed = (operation.value["parameters"]?.array ?? []).filter { $0["in"] == "path" }
                #expect(listed.compactMap { $0["name"]?.string } == names)
                #expect(listed.allSatisfy { $0["required"] == true && $0["schema"] != nil })
            }
        }
    }

    @Test func `the document does not come twice`() async throws {
        let first = try await shop.exchange.send(.get, "/api/v1/openapi.json")
        let tag = try #require(first.fields["ETag"])
        let second = try await shop.exchange.send(.get, "/api/v1/openapi.json", ["If-None-Match": tag])
        #expect(second.status == .notModified)
    }
}
