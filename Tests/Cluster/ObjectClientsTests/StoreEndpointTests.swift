import Testing

@testable import ObjectClients

@Suite struct StoreEndpointTests {
    private func text(_ endpoint: StoreEndpoint, _ bucket: String?, _ key: String?) -> String {
        let target = endpoint.target(bucket: bucket, key: key)
        return "\(target.base) \(target.host) \(target.path)"
    }

    @Test("Buckets stand in the path, or in the host's name where that is Amazon's or was asked for")
    func styles() {
        #expect(
            text(StoreEndpoint("http://127.0.0.1:7071/"), "b", "k/1")
                == "http://127.0.0.1:7071 127.0.0.1:7071 /b/k/1")
        #expect(
            text(StoreEndpoint(StoreEndpoint.amazon("eu-west-1")), "b", "k")
                == "https://b.s3.eu-west-1.amazonaws.com b.s3.eu-west-1.amazonaws.com /k")
        #expect(
            text(StoreEndpoint("http://localhost:9", style: .virtual), "b", "k")
                == "http://b.localhost:9 b.localhost:9 /k")
        #expect(text(StoreEndpoint("http://h", style: .virtual), nil, nil) == "http://h h /")
    }

    @Test("A bucket that no certificate or host name could have stands in the path all the same")
    func unusual() {
        #expect(
            text(StoreEndpoint(StoreEndpoint.amazon("us-east-1")), "a.b", "k").hasSuffix(" /a.b/k"))
        #expect(text(StoreEndpoint("http://h", style: .virtual), "Up_per", nil).hasSuffix(" /Up_per"))
    }

    @Test(
        "A port that the scheme implies is not signed, a path stays, and https is what is meant without a scheme"
    )
    func addresses() {
        #expect(text(StoreEndpoint("https://h:443"), nil, nil) == "https://h h /")
        #expect(text(StoreEndpoint("http://h:80/s3/"), "b", nil) == "http://h h /s3/b")
        #expect(StoreEndpoint("minio.example:9000").address == "https://minio.example:9000")
    }
}
