"use strict";
(function () {
  var root = document.documentElement;
  root.classList.add("js");
  var lang = root.lang, currency = root.dataset.currency;
  var dark = window.matchMedia("(prefers-color-scheme: dark)");

  function format(options) {
    try { return new Intl.NumberFormat(lang, options); } catch (error) { return new Intl.NumberFormat(lang); }
  }
  var compact = format({ notation: "compact", maximumFractionDigits: 1 });
  var whole = format({ style: "percent", maximumFractionDigits: 0 });
  var fine = format({ style: "percent", maximumFractionDigits: 1 });
  var coins = currency
    ? format({ style: "currency", currency: currency, currencyDisplay: "narrowSymbol", notation: "compact",
               minimumFractionDigits: 0, maximumFractionDigits: 1 })
    : compact;

  function number(raw) { return typeof raw === "object" && raw !== null ? raw.value : raw; }
  function percent(raw) { var v = number(raw); return (Math.abs(v) < 0.0995 && v !== 0 ? fine : whole).format(v); }
  var formats = {
    "@money": function (raw) { return coins.format(number(raw)); },
    "@count": function (raw) { return compact.format(number(raw)); },
    "@percent": percent
  };

  function colours(printing) {
    var style = getComputedStyle(root), found = {};
    ["c1", "c2", "c3", "c4", "c5", "c6", "ink", "muted", "line", "surface"].forEach(function (name) {
      var key = printing ? "--print-" + name : "--" + name;
      found["@" + name] = (style.getPropertyValue(key) || style.getPropertyValue("--" + name)).trim();
    });
    return found;
  }

  var tokenKeys = { color: true, borderColor: true, formatter: true };
  function resolved(node, tokens) {
    if (Array.isArray(node)) { return node.map(function (item) { return resolved(item, tokens); }); }
    if (node === null || typeof node !== "object") { return node; }
    var copy = {};
    Object.keys(node).forEach(function (key) {
      var value = node[key];
      copy[key] = tokenKeys[key] && Object.prototype.hasOwnProperty.call(tokens, value)
        ? tokens[value] : resolved(value, tokens);
    });
    return copy;
  }

  function tip(points) {
    var box = document.createElement("div");
    (Array.isArray(points) ? points : [points]).forEach(function (point) {
      if (!point.data || !point.data.tip) { return; }
      var line = document.createElement("div"), dot = document.createElement("span");
      dot.className = "dot";
      dot.style.background = point.color;
      line.appendChild(dot);
      line.appendChild(document.createTextNode(point.data.tip));
      box.appendChild(line);
    });
    return box.childNodes.length ? box : "";
  }

  function theme(c) {
    var axis = { axisLine: { lineStyle: { color: c["@line"] } }, axisTick: { lineStyle: { color: c["@line"] } },
                 axisLabel: { color: c["@muted"] }, splitLine: { lineStyle: { color: c["@line"] } },
                 nameTextStyle: { color: c["@muted"] } };
    return { color: [1, 2, 3, 4, 5, 6].map(function (i) { return c["@c" + i]; }),
             backgroundColor: "transparent",
             textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
             legend: { textStyle: { color: c["@ink"] } }, categoryAxis: axis, valueAxis: axis };
  }

  function draw(box, printing) {
    var c = colours(printing), tokens = Object.assign({}, formats, c);
    var options = resolved(JSON.parse(document.getElementById(box.dataset.options).textContent), tokens);
    options.animation = false;
    options.stateAnimation = { duration: 0 };
    options.series.forEach(function (series) { series.animation = false; });
    options.tooltip = Object.assign({ confine: true, formatter: tip, backgroundColor: c["@surface"],
                                      borderColor: c["@line"], textStyle: { color: c["@ink"] } }, options.tooltip);
    var old = echarts.getInstanceByDom(box);
    if (old) { old.dispose(); }
    var width = printing ? (box.closest(".wide") ? 680 : 370) : box.clientWidth;
    if (width < 460 && options.legend && options.series.length > 2) { options.grid.top += 22; }
    var chart = echarts.init(box, theme(c), { renderer: "svg", width: width, height: box.clientHeight * (printing ? 0.8 : 1), locale: lang === "zh" ? "ZH" : "EN" });
    chart.setOption(options);
    fitLabels(chart);
    chart.getZr().flush();
  }

  var pen = document.createElement("canvas").getContext("2d");

  // A name that does not fit its rectangle whole is left to the tip and the table, not cut.
  function fitLabels(chart) {
    var series = chart.getModel().getSeriesByIndex(0);
    if (series.subType !== "treemap") { return; }
    pen.font = "13px " + getComputedStyle(document.body).fontFamily;
    var data = series.getData(), nodes = chart.getOption().series[0].data;
    nodes.forEach(function (node) {
      var index = data.indexOfName(node.name), room = data.getItemLayout(index);
      var lines = node.name.split("\n");
      var width = Math.max.apply(null, lines.map(function (line) { return pen.measureText(line).width; }));
      if (!room || width > room.width - 14 || 17 * lines.length > room.height - 10) { node.label = { show: false }; }
    });
    chart.setOption({ series: [{ data: nodes }] });
  }

  function hintScroll(box) {
    box.classList.toggle("more", box.scrollWidth - box.clientWidth - box.scrollLeft > 4);
  }

  function drawAll(printing) {
    document.querySelectorAll(".chart").forEach(function (box) { draw(box, printing); });
  }

  drawAll(false);
  dark.addEventListener("change", function () { drawAll(false); });
  var closed = [];
  window.addEventListener("beforeprint", function () {
    closed = Array.from(document.querySelectorAll(".fold:not([open])"));
    closed.forEach(function (fold) { fold.open = true; });
    root.classList.add("printing");
    drawAll(true);
  });
  window.addEventListener("afterprint", function () {
    closed.forEach(function (fold) { fold.open = false; });
    root.classList.remove("printing");
    drawAll(false);
  });
  var watch = new ResizeObserver(function (entries) {
    entries.forEach(function (entry) {
      var chart = echarts.getInstanceByDom(entry.target);
      if (chart && !root.classList.contains("printing") && chart.getWidth() !== entry.target.clientWidth) { draw(entry.target, false); }
    });
  });
  document.querySelectorAll(".chart").forEach(function (box) { watch.observe(box); });
  var wide = new ResizeObserver(function (entries) { entries.forEach(function (entry) { hintScroll(entry.target); }); });
  document.querySelectorAll(".scroll").forEach(function (box) {
    box.addEventListener("scroll", function () { hintScroll(box); }, { passive: true });
    wide.observe(box);
  });
})();
