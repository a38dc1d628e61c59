import "./style.css";

export const metadata = { title: "Dev preview: Next" };

export default function RootLayout({ children }) {
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  );
}
