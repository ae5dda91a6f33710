// Draws the Mermaid diagrams of a page in the colors of its theme, and again when the reader
// switches the theme. A diagram that cannot be drawn stays there as its source.
(() => {
  const root = document.documentElement;
  const boxes = [...document.querySelectorAll(".diagram-box")];
  const sources = boxes.map((box) => box.querySelector("pre").textContent);
  const SMALLEST = 0.75; // letters of 12 px; a wider diagram scrolls within its box
  let [latest, drawnIn] = [0, ""];

  // Mermaid computes with colors, so it needs their values and not the names of our variables.
  const color = (name) => {
    const probe = document.body.appendChild(document.createElement("i"));
    probe.style.color = `var(--pst-color-${name})`;
    const value = getComputedStyle(probe).color;
    probe.remove();
    return value;
  };

  const settings = () => {
    const ground = color("background");
    const [text, line, box] = [color("text-base"), color("text-muted"), color("surface")];
    return {
      startOnLoad: false,
      theme: "base",
      flowchart: { nodeSpacing: 28, rankSpacing: 40, padding: 10 },
      fontFamily: getComputedStyle(document.body).fontFamily,
      themeVariables: {
        darkMode: root.dataset.theme === "dark",
        background: ground,
        mainBkg: box, primaryColor: box, secondaryColor: box, tertiaryColor: ground,
        primaryTextColor: text, secondaryTextColor: text, tertiaryTextColor: text,
        textColor: text, nodeTextColor: text, titleColor: text,
        primaryBorderColor: line, secondaryBorderColor: line, tertiaryBorderColor: line,
        nodeBorder: line, clusterBorder: line, lineColor: line, clusterBkg: ground,
        edgeLabelBackground: ground, noteBkgColor: ground, noteTextColor: text,
        noteBorderColor: line,
      },
      // `class name key` in a flowchart: the box that everything else depends on.
      themeCSS: `.key > * { stroke: ${color("primary")} !important; stroke-width: 2.5px !important }`,
    };
  };

  // Who has no mouse scrolls a box by the arrow keys once it has the focus.
  const reach = () => boxes.forEach((box) => {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  });

  const draw = async () => {
    const turn = ++latest;
    drawnIn = root.dataset.theme;
    mermaid.initialize(settings());
    for (const [number, box] of boxes.entries()) {
      const drawing = box.querySelector(".diagram-drawing");
      try {
        const { svg } = await mermaid.render(`diagram-${number}`, sources[number]);
        if (turn !== latest) return; // the theme was switched meanwhile
        drawing.innerHTML = svg;
        const made = drawing.firstElementChild;
        made.setAttribute("aria-hidden", "true"); // the description is told instead
        made.style.minWidth = `${SMALLEST * made.viewBox.baseVal.width}px`;
      } catch (problem) {
        console.error(`diagram ${number + 1} of this page: ${problem.message}`);
        box.classList.add("not-drawn");
      }
      box.dataset.drawn = drawnIn;
    }
    reach();
  };

  draw();
  const redraw = () => drawnIn !== root.dataset.theme && draw();
  new MutationObserver(redraw).observe(root, { attributeFilter: ["data-theme"] });
  addEventListener("resize", reach);
})();
