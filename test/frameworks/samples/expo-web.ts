import { packageJson } from "../package-json.ts";
import type { Sample } from "../sample.ts";

const app = `import { useState } from "react";
import { Pressable, StyleSheet, Text, View } from "react-native";

export default function App() {
  const [count, setCount] = useState(0);
  return (
    <View style={styles.container}>
      <Text testID="title">Hello from Expo</Text>
      <Pressable testID="counter" onPress={() => setCount(count + 1)}>
        <Text>Clicked {count} times</Text>
      </Pressable>
    </View>
  );
}

const styles = StyleSheet.create({
  container: { flex: 1, alignItems: "center", justifyContent: "center" },
});
`;

export const expoWeb: Sample = {
  name: "expo-web",
  title: "Expo (web)",
  framework: "expo",
  version: { npm: "expo" },
  node: 24,
  files: {
    "package.json": packageJson({
      main: "index.js",
      scripts: {
        start: "expo start",
        android: "expo start --android",
        ios: "expo start --ios",
        web: "expo start --web",
      },
      dependencies: {
        expo: "57.0.25",
        react: "19.2.3",
        "react-dom": "19.2.3",
        "react-native": "0.86.3",
        "react-native-web": "^0.21.0",
      },
      overrides: { "@expo/env": "2.4.3" },
    }),
    "app.json": `${JSON.stringify({ expo: { name: "sample", slug: "sample", web: { bundler: "metro" } } }, null, 2)}\n`,
    "index.js": `import { registerRootComponent } from "expo";
import App from "./App";

registerRootComponent(App);
`,
    "App.js": app,
  },
  page: { text: "Hello from Expo", selector: "[data-testid=title]", counter: "[data-testid=counter]" },
  edit: { file: "App.js", from: "Hello from Expo", to: "Edited in Expo", follows: "hot" },
};
