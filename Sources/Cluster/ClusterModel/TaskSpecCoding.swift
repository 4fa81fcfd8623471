import Scheduling

extension TaskSpec {
    /// Reads what this version or an older one wrote: fields that came since are as if they had been left out.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        func value<Value: Decodable>(_ key: CodingKeys, _ otherwise: Value) throws -> Value {
            try values.decodeIfPresent(Value.self, forKey: key) ?? otherwise
        }
        self.init(
            image: try values.decodeIfPresent(String.self, forKey: .image),
            executable: try values.decodeIfPresent(String.self, forKey: .executable),
            requestedRuntime: try values.decodeIfPresent(RuntimeKind.self, forKey: .requestedRuntime),
            command: try value(.command, []), entrypoint: try value(.entrypoint, []),
            environment: try value(.environment, [:]),
            workingDirectory: try values.decodeIfPresent(String.self, forKey: .workingDirectory),
            user: try values.decodeIfPresent(String.self, forKey: .user), mounts: try value(.mounts, []),
            volumes: try value(.volumes, []),
            secrets: try value(.secrets, []), ports: try value(.ports, []),
            resources: try value(.resources, Resources()),
            constraints: try value(.constraints, []), affinities: try value(.affinities, []),
            group: try values.decodeIfPresent(String.self, forKey: .group),
            spread: try values.decodeIfPresent(SpreadRule.self, forKey: .spread),
            apart: try value(.apart, false),
            restart: try value(.restart, RestartPolicy()), pull: try value(.pull, .missing),
            labels: try value(.labels, [:]), priority: try value(.priority, 0),
            onDisconnect: try value(.onDisconnect, .keep),
            stopAfter: try value(.stopAfter, Seconds(0)), stopGrace: try value(.stopGrace, Seconds(10)),
            timeout: try values.decodeIfPresent(Seconds.self, forKey: .timeout),
            startWithin: try values.decodeIfPresent(Seconds.self, forKey: .startWithin),
            finishWithin: try values.decodeIfPresent(Seconds.self, forKey: .finishWithin),
            health: try values.decodeIfPresent(HealthCheck.self, forKey: .health))
    }
}
