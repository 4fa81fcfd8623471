import CApollo

/// Counts the jobs that the calling thread hands to Swift's global executor, where a simulation's have no business.
package enum GlobalJobs {
    package static func beginCount() { capollo_count_global_jobs_begin() }

    /// The jobs since the count began on this thread.
    package static var count: Int { Int(capollo_global_jobs()) }

    package static func endCount() { capollo_count_global_jobs_end() }
}
