/** Collects when previews were used last, in memory: a use costs no statement. */
export interface Uses {
  note(previewId: string): void;
  /** Writes down what was collected. */
  flush(): Promise<void>;
}
