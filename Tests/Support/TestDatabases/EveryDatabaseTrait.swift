// A build of everything without its tests, as for use, has no Testing.
#if canImport(Testing)
    public import Testing

    /// Runs each test on every kind of database, one after the other.
    public struct EveryDatabaseTrait: TestTrait, SuiteTrait, TestScoping {
        public let isRecursive = true

        public func provideScope(
            for test: Test, testCase: Test.Case?,
            performing function: @concurrent @Sendable () async throws -> Void
        ) async throws {
            guard testCase != nil else { return try await function() }
            for database in TestDatabase.all {
                try await TestDatabase.$current.withValue(database) { try await function() }
            }
        }
    }

    extension Trait where Self == EveryDatabaseTrait {
        public static var everyDatabase: Self { Self() }
    }
#endif
