extension Assets {
    static let styleText = """
        :root { color-scheme: light; --back: #f7f6f3; --panel: #fff; --ink: #1d2421; --soft: #5b645f; --line: #deddd7;
          --accent: #23594a; --good: #1d6b43; --warn: #8a5a00; --bad: #a3262a; --mute: #5b645f; --shade: #efeee9; }
        @media (prefers-color-scheme: dark) { :root:not([data-theme=light]) { color-scheme: dark; --back: #141917;
          --panel: #1b211f; --ink: #e6e9e6; --soft: #a2aca7; --line: #2d3532; --accent: #7fc4ad; --good: #7ecb9b;
          --warn: #e0b25c; --bad: #f08d8a; --mute: #a2aca7; --shade: #222a27; } }
        :root[data-theme=dark] { color-scheme: dark; --back: #141917; --panel: #1b211f; --ink: #e6e9e6; --soft: #a2aca7;
          --line: #2d3532; --accent: #7fc4ad; --good: #7ecb9b; --warn: #e0b25c; --bad: #f08d8a; --mute: #a2aca7;
          --shade: #222a27; }
        * { box-sizing: border-box; }
        html { font: 15px/1.45 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; background: var(--back); color: var(--ink);
          font-variant-numeric: tabular-nums; }
        body { margin: 0; }
        a { color: var(--accent); text-underline-offset: .15em; }
        :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
        .skip { position: absolute; left: -999px; } .skip:focus { left: 1rem; top: .4rem; background: var(--panel);
          padding: .3rem .6rem; z-index: 2; }
        .bar { background: var(--panel); border-bottom: 1px solid var(--line); }
        .bar nav { display: flex; gap: .9rem; align-items: center; flex-wrap: wrap; max-width: 82rem; margin: auto;
          padding: .55rem 1.2rem; }
        .brand { font-weight: 650; font-size: 1.05rem; color: var(--ink); text-decoration: none; letter-spacing: .01em; }
        .gap { flex: 1; } .who { color: var(--soft); font-size: .87rem; }
        .projects { display: flex; gap: .45rem; align-items: center; } label { color: var(--soft); font-size: .87rem; }
        button, select, input { font: inherit; color: inherit; background: var(--panel); border: 1px solid var(--line);
          border-radius: 5px; padding: .22rem .6rem; }
        button { cursor: pointer; } button:hover { border-color: var(--soft); }
        button.main { background: var(--accent); border-color: var(--accent); color: var(--panel); font-weight: 600; }
        main { max-width: 82rem; margin: 0 auto; padding: 1.2rem; }
        h1 { font-size: 1.35rem; margin: .2rem 0 .8rem; font-weight: 620; overflow-wrap: anywhere; }
        h2 { font-size: 1.02rem; margin: 1.6rem 0 .5rem; font-weight: 620; }
        .tiles { display: flex; flex-wrap: wrap; gap: .7rem; padding: 0; margin: 0; list-style: none; }
        .tiles li { background: var(--panel); border: 1px solid var(--line); border-radius: 8px; padding: .6rem .9rem;
          min-width: 7rem; }
        .tiles strong { display: block; font-size: 1.45rem; font-weight: 600; line-height: 1.2; }
        .tiles span { color: var(--soft); font-size: .85rem; } .tiles a { color: inherit; text-decoration: none; display: block; }
        .scroll { overflow-x: auto; background: var(--panel); border: 1px solid var(--line); border-radius: 8px; }
        table { border-collapse: collapse; width: 100%; font-size: .93rem; }
        th { text-align: left; font-weight: 550; color: var(--soft); font-size: .82rem; white-space: nowrap; }
        th:last-child { width: 99%; }
        th, td { padding: .42rem .8rem; border-bottom: 1px solid var(--line); vertical-align: top; }
        tbody tr:last-child td { border-bottom: 0; } tbody tr:hover, tbody tr:focus-within { background: var(--shade); }
        td.number, th.number { text-align: right; white-space: nowrap; } td.reason { color: var(--soft); overflow-wrap: anywhere; min-width: 14rem; }
        td.name a { font-weight: 550; text-decoration: none; } td.name a:hover { text-decoration: underline; }
        td.tight, td.name, td.wide code { white-space: nowrap; }
        .state { white-space: nowrap; font-weight: 550; } .state::before { margin-right: .4em; font-weight: 400; }
        .state[data-state=running] { color: var(--good); } .state[data-state=running]::before { content: "\\25CF"; }
        .state[data-state=completed] { color: var(--good); } .state[data-state=completed]::before { content: "\\2713"; }
        .state[data-state=ready] { color: var(--good); } .state[data-state=ready]::before { content: "\\25CF"; }
        .state[data-state=failed], .state[data-state=lost], .state[data-state=bad] { color: var(--bad); }
        .state[data-state=failed]::before, .state[data-state=lost]::before, .state[data-state=bad]::before { content: "\\2715"; }
        .state[data-state=pending]::before, .state[data-state=scheduled]::before, .state[data-state=starting]::before { content: "\\25CB"; }
        .state[data-state=pending], .state[data-state=scheduled], .state[data-state=starting], .state[data-state=stopping],
        .state[data-state=suspended], .state[data-state=drained], .state[data-state=disconnected], .state[data-state=updating], .state[data-state=planned] { color: var(--warn); }
        .state[data-state=stopping]::before, .state[data-state=suspended]::before, .state[data-state=drained]::before,
        .state[data-state=updating]::before { content: "\\25D0"; }
        .state[data-state=stopped], .state[data-state=preempted] { color: var(--mute); }
        .state[data-state=stopped]::before, .state[data-state=preempted]::before { content: "\\25A0"; }
        .actions { display: flex; flex-wrap: wrap; gap: .8rem 1.4rem; align-items: center; margin: .9rem 0; }
        .actions form { display: flex; gap: .5rem; align-items: center; margin: 0; } .actions input[type=number] { width: 6rem; }
        .actions details form { margin-top: .5rem; } summary { cursor: pointer; color: var(--soft); } td form { margin: 0; }
        .progress { border-left: 3px solid var(--accent); background: var(--panel); padding: .6rem .9rem; margin: .8rem 0; }
        .filter { display: flex; gap: .6rem; flex-wrap: wrap; align-items: center; margin: .4rem 0 .7rem; }
        .filter input { min-width: 16rem; flex: 0 1 22rem; }
        meter { width: 6rem; height: .6rem; vertical-align: middle; margin-left: .5rem; }
        pre.logs { background: var(--panel); border: 1px solid var(--line); border-radius: 8px; padding: .8rem; margin: 0;
          overflow: auto; max-height: 32rem; font: .86rem/1.45 ui-monospace, "DejaVu Sans Mono", monospace; white-space: pre-wrap;
          overflow-wrap: anywhere; min-height: 4rem; }
        pre.logs .stderr { color: var(--bad); }
        code { font: .88rem ui-monospace, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
        dl.facts { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1.2rem; margin: 0; background: var(--panel);
          border: 1px solid var(--line); border-radius: 8px; padding: .8rem 1rem; } dl.facts dt { color: var(--soft); } dl.facts dd { margin: 0;
          overflow-wrap: anywhere; }
        .empty { color: var(--soft); background: var(--panel); border: 1px dashed var(--line); border-radius: 8px; padding: 1.1rem; }
        .note { color: var(--soft); font-size: .87rem; }
        .problem { border-left: 3px solid var(--bad); background: var(--panel); padding: .6rem .9rem; margin: .8rem 0; }
        #banner { background: var(--warn); color: var(--back); text-align: center; padding: .35rem 1rem; }
        .login { max-width: 23rem; margin: 9vh auto 0; background: var(--panel); border: 1px solid var(--line); border-radius: 10px;
          padding: 1.5rem; } .login label { display: block; margin: .8rem 0 .25rem; } .login input { width: 100%; padding: .45rem .6rem; }
        .login code { white-space: nowrap; } .login button { width: 100%; margin-top: 1.2rem; padding: .5rem; }
        dialog { background: var(--panel); color: inherit; border: 1px solid var(--line); border-radius: 10px; padding: 1.2rem 1.6rem; }
        dialog::backdrop { background: rgb(0 0 0 / .4); } dialog h2 { margin-top: 0; }
        dialog dl { display: grid; grid-template-columns: max-content 1fr; gap: .35rem 1.2rem; margin: 0; } dialog dd { margin: 0; }
        kbd { border: 1px solid var(--line); border-bottom-width: 2px; border-radius: 4px; padding: 0 .4em; font: .85rem ui-monospace,
          "DejaVu Sans Mono", monospace; white-space: pre; }
        @media (max-width: 44rem) { main { padding: .8rem; } .bar nav { padding: .5rem .8rem; } th, td { padding: .4rem .55rem; }
          .wide { display: none; } td.name { white-space: normal; overflow-wrap: anywhere; min-width: 7rem; } td.reason { min-width: 11rem; } .filter input { min-width: 0; flex: 1 1 100%; } }
        @media (prefers-reduced-motion: no-preference) { .fresh { animation: fresh 1.2s; } }
        @keyframes fresh { from { background: var(--shade); } }

        """
}
