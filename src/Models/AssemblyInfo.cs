using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Models.Tests")]
