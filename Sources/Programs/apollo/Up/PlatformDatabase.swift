import Configuration
import Core
import Databases
import PostgreSQLDatabases
import SQLiteDatabases

/// Where the platform's state is, by the setting `database.url`.
enum DatabasePlace: Sendable, CustomStringConvertible {
    /// A file in the data directory.
    case file
    case server(PostgreSQLLocation)

    init(_ configuration: ResolvedConfiguration) throws {
        let url = configuration[PlatformSettings.databaseURL] ?? "sqlite:"
        switch url {
        case "sqlite:": self = .file
        case _ where url.hasPrefix("postgres://") || url.hasPrefix("postgresql://"):
            self = .server(
                try PostgreSQLLocation(
                    url: url, passwordFile: configuration[PlatformSettings.databasePasswordFile]))
        case _ where url.hasPrefix("sqlite:"):
            throw ApolloError(
                .invalid, "database.url may say 'sqlite:' but not where: the file is in the data directory",
                hint: "set data.directory instead")
        default:
            // Not repeated: who mistypes an address may have a password in it.
            throw ApolloError(
                .invalid, "database.url is neither 'sqlite:' nor the address of a PostgreSQL database",
                hint: "write postgres://USER@HOST/DATABASE")
        }
    }

    /// Whether several managers may use it.
    var isShared: Bool {
        switch self {
        case .file: false
        case .server: true
        }
    }

    var description: String {
        switch self {
        case .file: "sqlite:"
        case .server(let location): location.description
        }
    }

    /// Keeps the data directory for this process: that of the file is the file's own business.
    func lock(_ data: DataDirectory) throws -> DirectoryLock? {
        guard case .server = self else { return nil }
        do throws(DatabaseError) {
            return try DirectoryLock(path: data.database + ".lock", directory: data.path)
        } catch {
            throw error.asApolloError
        }
    }

    /// Opens it, with errors as people are told them.
    func open(in data: DataDirectory, environment: Environment) async throws -> any Database {
        do {
            switch self {
            case .file: return try await SQLiteDatabase.open(data.database, environment: environment)
            case .server(let location):
                var options = PostgreSQLOptions()
                // A manager that is cut off has to stop leading, and cannot while it waits for an answer.
                options.responseLimit = .seconds(10)
                options.doubtLimit = .seconds(8)
                return try await PostgreSQLDatabase.open(location, options: options, environment: environment)
            }
        } catch let error as DatabaseError {
            throw error.asApolloError
        }
    }

    /// Opens it and brings it up to date.
    func openMigrated(in data: DataDirectory, environment: Environment) async throws -> any Database {
        let database = try await open(in: data, environment: environment)
        do {
            try await PlatformSchema.migrate(database, environment: environment)
            return database
        } catch {
            await database.close()
            throw (error as? DatabaseError)?.asApolloError ?? error
        }
    }

    /// Opens the database on a server for a copy of all there is, which may take long.
    func openForCopy(environment: Environment) async throws -> any Database {
        guard case .server(let location) = self else {
            throw ApolloError(.internal, "the database is a file")
        }
        var options = PostgreSQLOptions()
        options.readers = 1
        options.readLimit = .seconds(3600)
        do {
            return try await PostgreSQLDatabase.open(location, options: options, environment: environment)
        } catch let error as DatabaseError {
            throw error.asApolloError
        }
    }

    /// Throws where there is a platform in the database on a server.
    func requireEmpty(environment: Environment) async throws {
        guard case .server(let location) = self else { return }
        do {
            guard try await PostgreSQLDatabase.inspect(location, environment: environment).schema.isEmpty
            else {
                throw ApolloError(
                    .exists, "there is a platform in the database \(location) already",
                    hint: "make an empty one with createdb, and name that in database.url")
            }
        } catch let error as DatabaseError {
            throw error.asApolloError
        }
    }
}
