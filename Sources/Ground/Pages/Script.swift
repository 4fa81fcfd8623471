extension Assets {
    /// Everything works without it; with it pages are live, the keyboard leads around, and the theme is kept.
    static let scriptText = """
        "use strict";
        (() => {
          const root = document.documentElement, body = document.body;
          const $ = (query, from = document) => from.querySelector(query);
          const all = (query) => [...document.querySelectorAll(query)];

          // The theme: what was chosen here, else what the system says.
          const store = { get: () => { try { return localStorage.getItem("theme"); } catch { return null; } },
            set: (v) => { try { localStorage.setItem("theme", v); } catch { /* not kept, then */ } } };
          if (store.get()) root.dataset.theme = store.get();
          const isDark = () => root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
          const toggle = () => { root.dataset.theme = isDark() ? "light" : "dark"; store.set(root.dataset.theme); };
          $("#theme")?.addEventListener("click", toggle);
          $("#project")?.addEventListener("change", (e) => e.target.form.submit());

          // Times in the reader's own zone.
          const localTimes = () => all("time[datetime]").forEach((t) => {
            const d = new Date(t.dateTime); if (!isNaN(d)) t.title = d.toLocaleString(); });
          localTimes();

          // The filter: at once here, by the server after Enter.
          const filter = () => { const box = $("#filter"); if (!box) return; const want = box.value.trim().toLowerCase(); let shown = 0;
            all("[data-text]").forEach((row) => { row.hidden = want !== "" && !row.dataset.text.toLowerCase().includes(want); if (!row.hidden) shown++; });
            const none = $("#none"); if (none) none.hidden = shown > 0 || want === ""; };
          $("#filter")?.addEventListener("input", filter);

          // Live: when something changed, the page is fetched again and what is live in it is put in place.
          const banner = (shown) => { const b = $("#banner"); if (b) b.hidden = !shown; };
          let busy = false, again = false, timer = 0;
          const refresh = async () => {
            if (busy) { again = true; return; }
            busy = true;
            try {
              const answer = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store" });
              if (answer.redirected) { location.href = answer.url; return; }
              const page = new DOMParser().parseFromString(await answer.text(), "text/html");
              const focus = document.activeElement?.closest?.("[data-key]")?.dataset.key;
              all("[data-live]").forEach((old) => { const fresh = $(`[data-live="${old.dataset.live}"]`, page);
                if (fresh && fresh.innerHTML !== old.innerHTML) old.replaceChildren(...fresh.childNodes); });
              if (focus) $(`[data-key="${CSS.escape(focus)}"] a`)?.focus();
              filter(); localTimes(); banner(false);
            } catch { banner(true); }
            busy = false;
            if (again) { again = false; later(); }
          };
          const later = () => { clearTimeout(timer); timer = setTimeout(refresh, 150); };
          let source = null;
          const listen = () => {
            if (!body.dataset.events || source || document.hidden) return;
            source = new EventSource(body.dataset.events);
            for (const name of ["ready", "task", "task-removed", "job", "job-removed", "node", "missed"]) source.addEventListener(name, later);
            source.onopen = () => banner(false);
            source.onerror = () => { banner(true);
              if (source && source.readyState === EventSource.CLOSED) { source = null; setTimeout(listen, 3000); } };
          };
          const quiet = () => { source?.close(); source = null; };
          document.addEventListener("visibilitychange", () => document.hidden ? quiet() : listen());
          addEventListener("pagehide", quiet); addEventListener("pageshow", listen);
          listen();
          // Ages grow also when nothing happens, and what machines are busy with changes all the time.
          setInterval(() => { if (!document.hidden && body.dataset.events) refresh(); }, (Number(body.dataset.pace) || 30) * 1000);

          // The output of a task, as it comes.
          const logs = $("[data-logs]");
          if (logs) (async () => {
            const show = (line) => { const piece = document.createElement("span"); piece.className = line.stream;
              piece.textContent = line.text ?? atob(line.base64 ?? "");
              const atEnd = logs.scrollTop + logs.clientHeight > logs.scrollHeight - 24;
              logs.append(piece); while (logs.childNodes.length > 5000) logs.firstChild.remove();
              if (atEnd) logs.scrollTop = logs.scrollHeight; };
            try {
              const answer = await fetch(logs.dataset.logs); if (!answer.ok) return;
              const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader(); let rest = "";
              logs.replaceChildren();
              for (;;) { const { done, value } = await reader.read(); if (done) break;
                const lines = (rest + value).split("\\n"); rest = lines.pop();
                for (const line of lines) if (line) show(JSON.parse(line)); }
              if (!logs.childNodes.length) logs.textContent = "It wrote nothing.";
            } catch { /* the platform went away: the banner says so */ }
          })();

          // Buttons: the API's own calls, with the session's form token, and made only to what is shown.
          document.addEventListener("submit", async (e) => {
            const form = e.target.closest("form[data-post]"); if (!form) return;
            e.preventDefault();
            const said = $("#said"), say = (text) => { if (said) { said.textContent = text; said.hidden = text === ""; } };
            const numbers = ["instances", "version"], fields = [...new FormData(form)].filter(([, value]) => value !== "");
            const sent = Object.fromEntries(fields.map(([name, value]) => [name, numbers.includes(name) ? Number(value) : value]));
            try {
              const answer = await fetch(form.dataset.post, { method: "POST", body: fields.length ? JSON.stringify(sent) : undefined,
                headers: { "Content-Type": "application/json", "If-Match": `"${form.dataset.revision}"`,
                  "X-Apollo-Form-Token": $("input[name=form_token]")?.value ?? "" } });
              const told = answer.ok ? null : await answer.json();
              say(told ? [told.detail, told.hint, ...(told.errors ?? []).map((f) => `${f.path}: ${f.message}`)].filter(Boolean).join(". ") : "");
              later();
            } catch { banner(true); }
          });

          // The keyboard.
          const rows = () => all("[data-key]").filter((r) => !r.hidden);
          const step = (by) => { const list = rows(); const at = list.indexOf(document.activeElement?.closest?.("[data-key]"));
            const next = list[Math.min(Math.max(at + by, 0), list.length - 1)]; $("a", next)?.focus(); };
          addEventListener("keydown", (e) => {
            if (e.ctrlKey || e.metaKey || e.altKey) return;
            const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement?.tagName ?? "");
            if (typing) { if (e.key === "Escape") document.activeElement.blur(); return; }
            const act = { "/": () => $("#filter")?.focus(), j: () => step(1), k: () => step(-1), t: toggle,
              g: () => { location.href = "/"; }, "?": () => $("#help")?.showModal() }[e.key];
            if (act) { e.preventDefault(); act(); }
          });
        })();

        """
}
