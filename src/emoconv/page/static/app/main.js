/**
 * The page: opens who answers, and puts the panels together.
 */

import { openBackend } from "./backend.js";
import { byId, setShare } from "./dom.js";
import { FilePanel } from "./file_panel.js";
import { groupingChoice } from "./grouping.js";
import { askKey } from "./key_dialog.js";
import { megabytes, plural } from "./numbers.js";
import { patiently } from "./patience.js";
import { asSentence, hideProblem, showProblem } from "./problems.js";
import { tabs } from "./tabs.js";
import { TextPanel } from "./text_panel.js";
import { themeSwitch } from "./theme.js";
import { Vocabulary } from "./vocabulary.js";

const PRIVACY = {
  server: "Texts are sent to this server, which does not keep them.",
  browser: "Everything is computed on your machine. Nothing you type is sent anywhere.",
};

themeSwitch(byId("theme"));
tabs(byId("tabs"));
start();

async function start() {
  const problem = byId("problem");
  hideProblem(problem);
  byId("loading").hidden = false;
  try {
    const backend = await openBackend({ askKey, onLoading: showLoading });
    const onWait = (seconds) => {
      byId("loading-note").textContent =
        `The server is getting ready; asking again in ${plural(seconds, "second")}.`;
    };
    const model = await patiently(() => backend.model(), { onWait });
    build(backend, new Vocabulary(model));
  } catch (error) {
    showProblem(problem, asSentence(error.message), { title: "Try again", run: start });
  }
  byId("loading").hidden = true;
}

function build(backend, vocabulary) {
  byId("privacy").textContent = PRIVACY[backend.mode];
  byId("what").textContent = whatIsFound(vocabulary.labels.map((label) => label.name));
  byId("api").hidden = backend.mode !== "server";
  byId("version").textContent =
    `emoconv ${vocabulary.model.emoconv}, model ${vocabulary.model.fingerprint.slice(0, 8)}`;
  const panels = [];
  const choose = groupingChoice(byId("grouping"), vocabulary, (grouping) => {
    for (const panel of panels) panel.group(grouping);
  });
  const filePanel = new FilePanel({ backend, vocabulary });
  const onGrouping = (grouping) => {
    choose(grouping);
    filePanel.group(grouping);
  };
  panels.push(filePanel, new TextPanel({ backend, vocabulary, onGrouping }));
  byId("work").hidden = false;
}

function whatIsFound(names) {
  const count = names.length;
  return names.includes("neutral") ? `${count - 1} emotions and neutral` : `${count} emotions`;
}

function showLoading(loaded, total) {
  byId("loading-note").textContent =
    `Loading the model: ${(loaded / 1e6).toFixed(1)} of ${megabytes(total)}`;
  setShare(byId("loading"), "--share", total ? loaded / total : 0);
}
