using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Editing.Tests")]
