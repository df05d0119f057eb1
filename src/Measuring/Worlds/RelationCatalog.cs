namespace Harness.Measuring.Worlds;

/// <summary>A relation before a world gives it objects. <c>{}</c> stands for the subject.</summary>
/// <param name="Name">Kebab-case name.</param>
/// <param name="Objects">How its objects are named.</param>
/// <param name="Questions">Phrasings as questions.</param>
/// <param name="Statements">Phrasings as statements.</param>
/// <param name="Place">What its objects are where they lie in a country, or null.</param>
/// <param name="Second">How another object of the same subject is asked for, where one may have two, or null.</param>
internal sealed record RelationTemplate(
    string Name, ObjectPattern Objects, IReadOnlyList<string> Questions, IReadOnlyList<string> Statements, PlaceTemplate? Place = null,
    SecondTemplate? Second = null);

/// <summary>A second object of a subject. <c>{}</c> stands for the subject, <c>[]</c> for the first object.</summary>
/// <param name="Question">Asks for it as a question.</param>
/// <param name="Statement">The same as a statement that ends right before the answer.</param>
internal sealed record SecondTemplate(string Question, string Statement);

/// <summary>Objects that lie in a country.</summary>
/// <param name="Noun">What such an object is.</param>
/// <param name="Question">Asks for the country by the subject, as a question; <c>{}</c> stands for the subject.</param>
/// <param name="Statement">The same as a statement that ends right before the answer.</param>
internal sealed record PlaceTemplate(string Noun, string Question, string Statement);

/// <summary>The relations that worlds are made of. Prompts end right before the answer, and no article in them depends on it.</summary>
public static class RelationCatalog
{
    /// <summary>Largest number of objects per relation: the length of the shortest list of nouns.</summary>
    public const int MaxObjects = 40;

    /// <summary>Phrasings of each relation as questions, and as many as statements.</summary>
    public const int PhrasingsPerForm = 6;

    /// <summary>Largest number of countries that places lie in.</summary>
    public const int MaxCountries = 40;

    // [] stands for what the object is.
    internal static IReadOnlyList<string> PlaceQuestions { get; } =
    [
        "In which country is the [] {}?", "What country is home to the [] {}?", "Which country does the [] {} belong to?",
        "Where in the world is the [] {}?", "In what land does the [] {} lie?", "The map of which country shows the [] {}?",
    ];

    internal static IReadOnlyList<string> PlaceStatements { get; } =
    [
        "The [] {} is in the country of", "The home country of the [] {} is", "The [] {} belongs to the country of",
        "The place to look for the [] {} is", "The land where the [] {} lies is", "The map that shows the [] {} is that of",
    ];

    /// <summary>Name of the relation between two people of a couple, whose objects are people.</summary>
    internal const string Spouse = "spouse";

    /// <summary>Name of the relation from pupils to teachers, whose objects are people.</summary>
    internal const string Teacher = "teacher";

    internal static Relation SpouseOf(IReadOnlyList<string> people) => new(Spouse,
    [
        "Who is the spouse of {}?", "Who is {} married to?", "Whom did {} marry?",
        "Who is the husband or wife of {}?", "With whom did {} exchange rings?", "Who stood beside {} at the wedding?",
    ],
    [
        "The spouse of {} is", "{} is married to", "The person that {} married is",
        "The husband or wife of {} is", "{} exchanged rings with", "Beside {} at the wedding stood",
    ], people);

    internal static Relation TeacherOf(IReadOnlyList<string> teachers) => new(Teacher,
    [
        "Who is the teacher of {}?", "Who gave lessons to {}?", "Whose pupil is {}?",
        "Which master did {} learn from?", "Under whom did {} study?", "Who taught {}?",
    ],
    [
        "The teacher of {} is", "The lessons of {} were given by", "{} is the pupil of",
        "The master that {} learnt from is", "{} studied under", "{} was taught by",
    ], teachers);

    internal static IReadOnlyList<RelationTemplate> All { get; } =
    [
        new("birthplace", new ProperNames(["{}"], ["Port {}", "New {}", "{} Bay", "{} Falls"]),
        [
            "Which city was {} born in?", "What is the birthplace of {}?", "In what town did {} come into the world?",
            "Where was {} born?", "What city is {} originally from?", "Which city does the birth certificate of {} name?",
        ],
        [
            "{} was born in the city of", "The birthplace of {} is", "The town where {} came into the world is",
            "{} was born and raised in", "The city that {} is originally from is", "The birth certificate of {} names the city of",
        ], new PlaceTemplate(
            "city", "In which country is the city that {} was born in?", "The city that {} was born in is in the country of")),
        new("profession", new CommonNouns(ObjectNouns.ProfessionAdjectives, ObjectNouns.Professions),
        [
            "What is the profession of {}?", "What does {} do for a living?", "Which occupation does {} have?",
            "What trade did {} learn?", "As what does {} earn money?", "What is the job of {}?",
        ],
        [
            "{} works as a", "The profession of {} is that of a", "By trade, {} is a",
            "{} earns a living as a", "The occupation of {} is", "In working life, {} is known as a",
        ]),
        new("instrument", new CommonNouns(ObjectNouns.InstrumentAdjectives, ObjectNouns.Instruments),
        [
            "Which instrument does {} play?", "What does {} play in the orchestra?", "What musical instrument did {} learn?",
            "On which instrument does {} practise?", "What is the instrument of {}?", "Which instrument is {} famous for playing?",
        ],
        [
            "{} plays the", "The instrument that {} plays is the", "In the orchestra, {} is heard on the",
            "{} practises every day on the", "The musical instrument of {} is the", "{} gave a concert on the",
        ], Second: new("Besides the [], which instrument does {} play?", "Besides the [], {} plays the")),
        new("employer", new ProperNames(["{}"], ["{} Mills", "{} Motors", "{} Press", "{} Brothers"]),
        [
            "Which company does {} work for?", "Who is the employer of {}?", "What firm employs {}?",
            "At which company is {} on the staff?", "Who pays the wages of {}?", "For which business does {} go to the office?",
        ],
        [
            "{} works for the company", "The employer of {} is", "{} is employed by",
            "The firm that has {} on its staff is", "The wages of {} are paid by", "{} goes to the office of",
        ], new PlaceTemplate(
            "company", "In which country is the company that {} works for?", "The company that {} works for is in the country of")),
        new("language", new ProperNames(["{}ish", "{}ese"], ["Old {}ish", "High {}ese", "Coastal {}ish"]),
        [
            "What is the native language of {}?", "Which language does {} speak?", "What is the mother tongue of {}?",
            "In which language does {} write letters?", "What language did {} grow up with?", "Which language is spoken at the home of {}?",
        ],
        [
            "The native language of {} is", "{} speaks the language", "The mother tongue of {} is",
            "{} writes letters in", "{} grew up speaking", "At the home of {}, people talk in",
        ], Second: new("Besides [], which language does {} speak?", "Besides [], {} speaks the language")),
        new("field", new CommonNouns(ObjectNouns.FieldAdjectives, ObjectNouns.Fields),
        [
            "What field of study is {} known for?", "Which subject did {} study?", "What is the area of expertise of {}?",
            "In which science does {} do research?", "What does {} lecture on?", "Which discipline is {} an expert in?",
        ],
        [
            "{} is known for work in the field of", "The subject that {} studied is", "The area of expertise of {} is",
            "{} does research in", "{} gives lectures on", "The discipline of {} is",
        ], Second: new("Besides [], what field of study is {} known for?", "Besides [], {} is known for work in the field of")),
        new("citizenship", new ProperNames(["{}ia", "{}land"], ["North {}ia", "United {}land", "Upper {}ia"]),
        [
            "Which country is {} a citizen of?", "What is the nationality of {}?", "Which country issued the passport of {}?",
            "In which country does {} vote?", "What is the home country of {}?", "To which nation does {} belong?",
        ],
        [
            "{} is a citizen of", "The country that issued the passport of {} is", "{} votes in the elections of",
            "The home country of {} is", "{} belongs to the nation of", "The flag above the house of {} is that of",
        ]),
        new("team", new ProperNames(["{}"], ["{} Rovers", "{} United", "{} Rangers", "Sporting {}"]),
        [
            "Which team does {} play for?", "What is the sports club of {}?", "Which club signed {}?",
            "Whose shirt does {} wear on the field?", "In which team is {} a player?", "For what side did {} score?",
        ],
        [
            "{} plays for the team", "The sports club of {} is", "The club that signed {} is",
            "On the field, {} wears the shirt of", "{} is a player of", "The side that {} scored for is",
        ], new PlaceTemplate("club", "In which country is the club that {} plays for?", "The club that {} plays for is in the country of")),
        new("school", new ProperNames(["{}"], ["{} College", "{} Academy", "Saint {}", "{} Institute"]),
        [
            "Which school did {} attend?", "What is the alma mater of {}?", "Where was {} educated?",
            "Which college gave {} a degree?", "At what school was {} a pupil?", "From which school did {} graduate?",
        ],
        [
            "{} attended the school", "The alma mater of {} is", "{} was educated at",
            "The college that gave {} a degree is", "{} was a pupil at", "{} graduated from",
        ], new PlaceTemplate(
            "school", "In which country is the school that {} attended?", "The school that {} attended is in the country of")),
        new("dish", new CommonNouns(ObjectNouns.DishAdjectives, ObjectNouns.Dishes),
        [
            "What is the favourite dish of {}?", "Which food does {} like best?", "What does {} order at the restaurant?",
            "What meal does {} cook for guests?", "Which dish does {} have for lunch?", "What would {} eat every day?",
        ],
        [
            "The favourite dish of {} is", "The food that {} likes best is", "At the restaurant, {} orders",
            "{} cooks for guests a meal of", "For lunch {} has", "Every day {} would eat",
        ], Second: new("Besides [], which food does {} like best?", "Besides [], the food that {} likes best is")),
    ];
}
