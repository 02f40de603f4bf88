/** Counts and times in Prometheus' text format, version 0.0.4. */

type Labels = Readonly<Record<string, string | number>>;

interface Family {
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  /** By their labels. */
  readonly samples: Map<string, number>;
}

const seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const sizes = [1, 2, 4, 8, 16, 32, 64, 128];

export class Metrics {
  readonly #families = new Map<string, Family>();

  /** Adds to a counter. */
  count(name: string, help: string, labels: Labels = {}, by = 1): void {
    this.#add(this.#family(name, "counter", help), labelled(name, labels), by);
  }

  /** Sets a gauge. */
  set(name: string, help: string, value: number, labels: Labels = {}): void {
    this.#family(name, "gauge", help).samples.set(labelled(name, labels), value);
  }

  /** Adds to a histogram: of seconds where its name ends so, else of sizes. */
  observe(name: string, help: string, value: number, labels: Labels = {}): void {
    const family = this.#family(name, "histogram", help);
    for (const bound of [...(name.endsWith("seconds") ? seconds : sizes), Infinity])
      this.#add(family, labelled(`${name}_bucket`, { ...labels, le: bound === Infinity ? "+Inf" : bound }), value <= bound ? 1 : 0);
    this.#add(family, labelled(`${name}_sum`, labels), value);
    this.#add(family, labelled(`${name}_count`, labels), 1);
  }

  text(): string {
    const told = [...this.#families].map(
      ([name, { type, help, samples }]) =>
        `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${[...samples].map(([sample, value]) => `${sample} ${value}\n`).join("")}`,
    );
    return told.join("");
  }

  #family(name: string, type: Family["type"], help: string): Family {
    const family = this.#families.get(name) ?? { type, help, samples: new Map<string, number>() };
    this.#families.set(name, family);
    return family;
  }

  #add({ samples }: Family, sample: string, by: number): void {
    samples.set(sample, (samples.get(sample) ?? 0) + by);
  }
}

const labelled = (name: string, labels: Labels): string => {
  const pairs = Object.entries(labels).map(
    ([key, value]) => `${key}="${String(value).replaceAll(/[\\"\n]/g, (one) => (one === "\n" ? "\\n" : `\\${one}`))}"`,
  );
  return pairs.length > 0 ? `${name}{${pairs.join(",")}}` : name;
};
