import APIServers
import Core
import HTML
import HTTPRouting
import JobModel
import Pages

/// What can be done with a job from its page: the calls of the API, by forms that the script sends with the job's revision.
struct JobActions {
    let context: PageContext
    let job: JobRecord

    var fragment: Fragment {
        // Who came by a token and not by a login has no session whose forms are trusted.
        guard context.call.context.formToken != nil else { return .nothing }
        var forms: [Fragment] = []
        if job.spec.type == .service, !job.isStopped {
            for task in job.spec.tasks { forms.append(scale(task)) }
        }
        if [.service, .system].contains(job.spec.type), !job.state.isFinal, !job.isStopped {
            forms.append(form("restart", [button("Restart")]))
        }
        if let cron = job.cron, !job.isStopped {
            forms.append(form("trigger", [button("Run now")]))
            forms.append(
                cron.isSuspended
                    ? form("resume", [button("Resume")]) : form("suspend", [button("Suspend")]))
        }
        if !job.state.isFinal, !job.isStopped {
            // Twice asked for: what it ends, it ends for all.
            forms.append(
                .element(
                    .details, [],
                    [.element(.summary, [], ["Stop…"]), form("stop", [button("Stop all of its tasks")])]))
        }
        guard !forms.isEmpty else { return .nothing }
        return Fragment([
            .element(.div, [.class("actions")], forms),
            .element(
                .noscript, [],
                [.element(.p, [.class("note")], ["Buttons need JavaScript; 'apollo job' does the same."])]),
        ])
    }

    func revert(to version: Int) -> Fragment {
        guard context.call.context.formToken != nil, job.spec.type == .service else { return .nothing }
        return form(
            "revert",
            [.element(.input, [.type("hidden"), .name("version"), .value("\(version)")]), button("Go back")])
    }

    private func scale(_ task: JobTask) -> Fragment {
        let id = "scale-\(task.name)"
        return form(
            "scale",
            [
                .element(.label, [.for(id)], [Fragment("Instances of \(task.name)")]),
                .element(.input, [.type("hidden"), .name("task"), .value(task.name)]),
                .element(
                    .input,
                    [.id(id), .type("number"), .name("instances"), .value("\(task.instances)"), .required]),
                button("Scale"),
            ])
    }

    private func button(_ text: String) -> Fragment { .element(.button, [.type("submit")], [Fragment(text)]) }

    private func form(_ verb: String, _ content: [Fragment]) -> Fragment {
        let path = SitePath(segments: ["api", "v1", "jobs", job.id.text, verb]).query([
            ("project", job.project)
        ])
        return .element(
            .form,
            [.method("post"), .data(.post, path.text), .data(.revision, "\(job.revision)")], content)
    }
}
